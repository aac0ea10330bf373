using Sluice.Storage.Records;
using Sluice.Storage.Sqlite;

namespace Sluice.Silo;

/// <summary>Opens the states of a cluster where its settings say that they rest: so far in SQLite only.</summary>
public static class StoredRecords
{
    /// <summary>Opens them beside running silos.</summary>
    /// <exception cref="SiloStartException">There is nothing, or it cannot be used.</exception>
    public static IGrainRecords Open(SiloOptions options, bool make, TimeProvider time)
    {
        var location = StorageLocation.Parse(options.Storage, options.Data);
        if (location.Path is not { } file)
        {
            throw new SiloStartException("backup and restore work on SQLite only; for an Azure account use the account's own replication and point-in-time restore");
        }

        try
        {
            return SqliteGrainRecords.Open(file, options.ClusterName, make, time);
        }
        catch (SqliteSchemaException e)
        {
            throw new SiloStartException(e.Message, e);
        }
    }
}
