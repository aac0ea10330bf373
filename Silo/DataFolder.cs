namespace Sluice.Silo;

/// <summary>The folder of everything that is kept, held by one process at a time and readable by its owner only.</summary>
public sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>Makes the folder where it is not there, and holds it until disposed.</summary>
    /// <exception cref="SiloStartException">Another process holds it, or it cannot be made or written.</exception>
    public static DataFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(full);
            }
            else
            {
                Directory.CreateDirectory(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SiloStartException($"the data folder {full} cannot be made: {e.Message}", e);
        }

        try
        {
            // The system lets go of the lock when the process ends, however it ends.
            return new DataFolder(full, new FileStream(System.IO.Path.Combine(full, "sluice.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e)
        {
            throw new SiloStartException($"the data folder {full} is in use by another Sluice process: stop that one, or choose another folder with --data", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new SiloStartException($"the data folder {full} cannot be written: {e.Message}", e);
        }
    }

    public void Dispose() => _lock.Dispose();
}
