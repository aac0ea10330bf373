namespace Sluice.Storage.Sqlite.Clustering;

/// <summary>Where the membership of a cluster on one machine rests.</summary>
public sealed class SqliteClusteringOptions
{
    /// <summary>Path of the database file; the same one as that of the grain state may be named.</summary>
    public string Path { get; set; } = "";

    /// <summary>How long an operation waits for another process that holds the file's write lock; 1 ms to 60 s.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A folder in which each silo holds a lock for as long as its process lives; null: none. With it, a silo that starts declares those dead at once whose
    /// processes are gone, and need not wait until they count as silent.
    /// </summary>
    public string? SiloLocks { get; set; }
}
