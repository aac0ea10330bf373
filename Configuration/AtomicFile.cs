namespace Sluice.Configuration;

/// <summary>Writes a file whole: who reads it meets what was there or what is there now, after a crash of the machine too.</summary>
public static class AtomicFile
{
    /// <summary>Writes to a draft of a name of its own in the same folder, has it on the disk, and gives it the file's name.</summary>
    /// <param name="path">The file; its folder must be there.</param>
    /// <param name="content">All of it.</param>
    /// <param name="mode">The new file's mode, whatever the one before had; not looked at on Windows.</param>
    /// <exception cref="IOException">It could not be written: the file is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to: the file is as it was.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var draft = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, $".{Path.GetFileName(path)}.{Guid.NewGuid():n}.new");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            // Never wider than asked, not even for a moment.
            options.UnixCreateMode = mode & (UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        try
        {
            using (var file = new FileStream(draft, options))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            if (!OperatingSystem.IsWindows())
            {
                // The process' umask has narrowed what the file was made with.
                File.SetUnixFileMode(draft, mode);
            }

            File.Move(draft, path, overwrite: true);
        }
        catch
        {
            File.Delete(draft);
            throw;
        }
    }
}
