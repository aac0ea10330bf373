namespace Sluice.Silo.Sources;

/// <summary>
/// Reads a folder as it is at one moment: where anything in it changes amid reading, it is read again. Links are followed only within the folder, as Kubernetes makes
/// them for a mounted ConfigMap; what is hidden is passed over.
/// </summary>
internal sealed class FolderReader(string path, TimeProvider time)
{
    private const int MostTries = 3;
    private const int MostDepth = 16;
    private const int MostLinks = 40;

    // A file that was written this shortly before may still be being written.
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(200);

    /// <summary>The folder's files, or why they cannot be read.</summary>
    public async Task<SourceContent> ReadAsync(CancellationToken cancellation)
    {
        for (var tries = 1; tries <= MostTries; tries++)
        {
            try
            {
                var before = List();
                if (before.Any(f => time.GetUtcNow() - f.Written < Settled))
                {
                    await Task.Delay(Settled, time, cancellation);
                }

                var files = new List<(string, byte[])>();
                foreach (var file in before)
                {
                    files.Add((file.Name, await File.ReadAllBytesAsync(file.Target, cancellation)));
                }

                if (before.SequenceEqual(List()) && before.Zip(files).All(pair => pair.First.Length == pair.Second.Item2.Length))
                {
                    return SourceContent.Of(files);
                }
            }
            catch (RefusedFileException e)
            {
                return SourceContent.Failed(e.File, e.Message);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && (tries == MostTries || e is DirectoryNotFoundException or UnauthorizedAccessException))
            {
                return SourceContent.Failed("", $"cannot be read on this silo: {e.Message}");
            }
            catch (IOException)
            {
                // A file went between being listed and being read: looked at again.
            }
        }

        return SourceContent.Failed("", "changes all the while it is read: write files beside it and move them in");
    }

    private List<ListedFile> List()
    {
        var root = Resolve(Path.GetFullPath(path));
        if (!Directory.Exists(root))
        {
            throw new DirectoryNotFoundException($"there is no folder {path}");
        }

        var files = new List<ListedFile>();
        var bytes = 0L;
        var folders = new Stack<(string Folder, string Name, int Depth)>([(root, "", 0)]);
        while (folders.TryPop(out var folder))
        {
            foreach (var entry in new DirectoryInfo(folder.Folder).EnumerateFileSystemInfos().Where(e => !e.Name.StartsWith('.')))
            {
                var name = folder.Name.Length > 0 ? $"{folder.Name}/{entry.Name}" : entry.Name;
                var target = Resolve(entry.FullName);
                if (!target.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                {
                    throw new RefusedFileException(name, "is a link out of the folder: only what lies in the folder is read");
                }

                if (Directory.Exists(target))
                {
                    folders.Push(folder.Depth < MostDepth ? (target, name, folder.Depth + 1) : throw new RefusedFileException(name, $"lies deeper than {MostDepth} folders"));
                }
                else if (SourceContent.IsRead(name))
                {
                    var file = new FileInfo(target);
                    bytes += file.Length;
                    files.Add(new ListedFile(name, target, file.Length, new DateTimeOffset(file.LastWriteTimeUtc)));
                }

                if (files.Count > SourceContent.MostFiles || bytes > SourceContent.MostBytes)
                {
                    throw new RefusedFileException(name, FormattableString.Invariant($"is too much: at most {SourceContent.MostFiles} files of together {SourceContent.MostBytes / 1024 / 1024} MiB are read"));
                }
            }
        }

        files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return files;
    }

    /// <summary>The path without any link in it, each part looked at.</summary>
    private static string Resolve(string path)
    {
        var links = 0;
        var resolved = Path.GetPathRoot(path)!;
        var rest = new Stack<string>(Parts(path));
        while (rest.TryPop(out var part))
        {
            var next = Path.GetFullPath(Path.Combine(resolved, part));
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                resolved = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"{path} leads through more than {MostLinks} links");
            }

            var absolute = Path.GetFullPath(Path.Combine(resolved, target));
            resolved = Path.GetPathRoot(absolute)!;
            foreach (var of in Parts(absolute))
            {
                rest.Push(of);
            }
        }

        return resolved;

        static IEnumerable<string> Parts(string path) => path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Reverse();
    }

    private sealed record ListedFile(string Name, string Target, long Length, DateTimeOffset Written);

    private sealed class RefusedFileException(string file, string message) : Exception(message)
    {
        public string File => file;
    }
}
