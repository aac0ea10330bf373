using Orleans.Runtime;

namespace Sluice.Storage.Sqlite.Clustering;

/// <summary>
/// A lock for each silo's process. The system lets go of it when the process ends, however it ends, and holds it while the process is merely paused: so on
/// one machine it is certain which silos are gone, and none is called dead that may wake again.
/// </summary>
internal sealed class SiloLocks(string folder) : IDisposable
{
    private FileStream? _held;

    /// <summary>Holds the lock of a silo of this process. Comes before its row is written.</summary>
    public void Hold(SiloAddress silo)
    {
        Directory.CreateDirectory(folder);
        _held ??= new FileStream(Name(silo), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
    }

    /// <summary>Whether the process of a silo is gone. A file that one left behind is removed.</summary>
    public bool IsGone(SiloAddress silo)
    {
        try
        {
            using var free = new FileStream(Name(silo), FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (FileNotFoundException)
        {
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (IOException)
        {
            // Held.
            return false;
        }
    }

    public void Dispose() => _held?.Dispose();

    private string Name(SiloAddress silo) => Path.Combine(folder, silo.ToParsableString().Replace(':', '-') + ".lock");
}
