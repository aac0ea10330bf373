namespace Sluice.Grains.Interfaces.Sealing;

/// <summary>Files that only their owner may read, written beside their place and moved into it whole.</summary>
public static class OwnerOnlyFile
{
    /// <summary>Mode 0600.</summary>
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes a file, making its folder where there is none.</summary>
    /// <param name="file">The file's path.</param>
    /// <param name="content">All of it.</param>
    /// <param name="flush">Whether it must outlive a crash of the machine.</param>
    /// <param name="overwrite">Whether it takes the place of another file; else the one that is there stays, and nothing is said.</param>
    /// <exception cref="IOException">It could not be written: the file is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written: the file is as it was.</exception>
    public static void Write(string file, ReadOnlySpan<byte> content, bool flush, bool overwrite)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var draft = $"{file}.{Guid.NewGuid():n}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Mode;
        }

        try
        {
            using (var stream = new FileStream(draft, options))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: flush);
            }

            File.Move(draft, file, overwrite);
        }
        catch (IOException) when (!overwrite && File.Exists(file))
        {
            File.Delete(draft);
        }
        catch
        {
            File.Delete(draft);
            throw;
        }
    }
}
