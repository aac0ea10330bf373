namespace Sluice.Storage.Sqlite;

/// <summary>Settings of the SQLite grain storage.</summary>
public sealed class SqliteStorageOptions
{
    /// <summary>The database file; its folder is made when it is not there.</summary>
    public string File { get; set; } = "";

    /// <summary>How long a statement waits for another process that holds the file. Default 5 s.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many writes may wait for the disk before more of them wait to be taken in. Default 4,096.</summary>
    public int MostWaitingWrites { get; set; } = 4096;
}
