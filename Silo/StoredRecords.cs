using Sluice.Silo.Clustering;
using Sluice.Storage.Records;
using Sluice.Storage.Sqlite;

namespace Sluice.Silo;

/// <summary>Opens the states of a cluster wherever its settings say that they rest.</summary>
public static class StoredRecords
{
    /// <summary>Opens them beside running silos.</summary>
    /// <exception cref="SiloStartException">There is nothing, or it cannot be used.</exception>
    public static IGrainRecords Open(SiloOptions options, bool make, TimeProvider time)
    {
        try
        {
            return SqliteGrainRecords.Open(LocalCluster.Database(options), options.ClusterName, make, time);
        }
        catch (SqliteSchemaException e)
        {
            throw new SiloStartException(e.Message, e);
        }
    }
}
