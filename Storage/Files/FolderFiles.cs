namespace Sluice.Storage.Files;

/// <summary>Files in a folder, readable by its owner only.</summary>
/// <param name="folder">Made when it is first written to.</param>
public sealed class FolderFiles(string folder) : IStoredFiles
{
    private const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public async Task WriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var path = PathOf(name);
        var draft = $"{path}.{Guid.NewGuid():n}.draft";
        try
        {
            MakeFolder(Path.GetDirectoryName(path)!);
            await using (var file = new FileStream(draft, NewFile()))
            {
                await file.WriteAsync(content, cancellation);
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(draft);
            throw Refused("written", name, e);
        }
    }

    public async Task<byte[]?> ReadAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await File.ReadAllBytesAsync(PathOf(name), cancellation);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused("read", name, e);
        }
    }

    public Task RemoveAsync(string name, CancellationToken cancellation)
    {
        try
        {
            File.Delete(PathOf(name));
        }
        catch (DirectoryNotFoundException)
        {
            // Nor is the file there.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused("removed", name, e);
        }

        return Task.CompletedTask;
    }

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerFolder);
        }
    }

    private static FileStreamOptions NewFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerFile;
        }

        return options;
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays, unread, and takes its room.
        }
    }

    private static StorageRefusedException Refused(string what, string name, Exception e) =>
        new($"the file {name} could not be {what}: {e.Message}", e) { IsFull = e is IOException { HResult: NoRoom or NoRoomOnWindows } };

    // ENOSPC and ERROR_DISK_FULL.
    private const int NoRoom = 28;
    private const int NoRoomOnWindows = unchecked((int)0x80070070);

    private string PathOf(string name)
    {
        FileNames.Check(name);
        return Path.Combine(folder, name.Replace('/', Path.DirectorySeparatorChar));
    }
}
