using Microsoft.Data.Sqlite;

namespace Sluice.Storage.Sqlite;

/// <summary>Finds out whether a file can be read and written, beside silos that use it, and changes nothing.</summary>
public static class SqliteProbe
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    /// <summary>Reads the file's layout and takes the lock of a writer.</summary>
    /// <exception cref="SqliteSchemaException">The file is not one that this program can use.</exception>
    /// <exception cref="SqliteException">It cannot be written, or others hold the lock all the time.</exception>
    public static void Run(string path)
    {
        using var connection = SqliteConnections.OpenFirst(Path.GetFullPath(path), Bound, check: false);
        using var transaction = connection.BeginTransaction(deferred: false);
        transaction.Rollback();
    }
}
