using System.Text;

namespace Sluice.Silo;

/// <summary>
/// The folder of everything that is kept, readable by its owner only. Processes of one cluster share it; who changes it as a whole has it alone. Shares are
/// locks of the operating system: a process that ends, however it ends, leaves none behind.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>Makes the folder where it is not there, and shares it with the processes of one cluster until disposed.</summary>
    /// <exception cref="SiloStartException">Processes of another cluster use it, one has it alone, or it cannot be made or written.</exception>
    public static DataFolder Share(string path, string cluster)
    {
        var full = Make(path);
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            // Whoever finds it unused writes whose it is; between that and its share another may do the same, so the name is read under the share.
            if (TryOpen(full, alone: true) is { } first)
            {
                using (first)
                {
                    first.SetLength(0);
                    first.Write(Encoding.UTF8.GetBytes(cluster));
                }
            }

            if (TryOpen(full, alone: false) is { } share)
            {
                using var reader = new StreamReader(share, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, bufferSize: -1, leaveOpen: true);
                if (reader.ReadToEnd() is var user && string.Equals(user, cluster, StringComparison.Ordinal))
                {
                    return new DataFolder(full, share);
                }

                share.Dispose();
                throw new SiloStartException(
                    $"the data folder {full} is in use by the cluster '{user}': join it with --cluster-name {user}, or choose another folder with --data");
            }

            if (TimeProvider.System.GetElapsedTime(started) > Bound)
            {
                throw new SiloStartException($"the data folder {full} is held by a command that must have it alone: wait until it ends, or choose another folder with --data");
            }

            Thread.Yield();
        }
    }

    /// <summary>Makes the folder where it is not there, and keeps all others out until disposed.</summary>
    /// <exception cref="SiloStartException">A process uses it, or it cannot be made or written.</exception>
    public static DataFolder HoldAlone(string path)
    {
        var full = Make(path);
        return TryOpen(full, alone: true) is { } held
            ? new DataFolder(full, held)
            : throw new SiloStartException($"the data folder {full} is in use by a running Sluice: stop every silo of it first, or choose another folder with --data");
    }

    public void Dispose() => _lock.Dispose();

    private static string Make(string path)
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

            return full;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SiloStartException($"the data folder {full} cannot be made: {e.Message}", e);
        }
    }

    private static FileStream? TryOpen(string folder, bool alone)
    {
        var file = System.IO.Path.Combine(folder, "sluice.lock");
        try
        {
            return alone
                ? new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)
                : new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new SiloStartException($"the data folder {folder} cannot be written: {e.Message}", e);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException) && e.HResult != ReadOnly)
        {
            // Another process has it in a way that does not agree with this one.
            return null;
        }
        catch (IOException e)
        {
            throw new SiloStartException($"the data folder {folder} cannot be written: {e.Message}", e);
        }
    }

    // EROFS: a file system that is mounted read-only.
    private const int ReadOnly = 30;
}
