using Sluice.Storage.Azure;
using Sluice.Storage.Records;
using Sluice.Storage.Sqlite;

namespace Sluice.Silo;

/// <summary>Opens the states of a cluster where its settings say that they rest.</summary>
public static class StoredRecords
{
    // The head names revisions and changes, a tenant its keys; what they name is always stored before them. Whatever else is stored stands for itself.
    private static readonly StateKind[] First = [new("catalog", "head"), new("tenant", "tenant")];

    /// <summary>Opens them beside running silos.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="make">Whether a store may be made that is not there.</param>
    /// <param name="time">Stamps what is written, and bounds waits.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SiloStartException">There is nothing, or it cannot be used.</exception>
    public static async Task<IGrainRecords> OpenAsync(SiloOptions options, bool make, TimeProvider time, CancellationToken cancellation)
    {
        var location = StorageLocation.Parse(options.Storage, options.Data);
        if (location.OfficialBlobs)
        {
            throw new SiloStartException(
                "backup and restore do not work on azure-blobs:, whose layout is Orleans' own; they do on sqlite: and azure:. Use the account's point-in-time restore");
        }

        try
        {
            return location.Azure is { } account
                ? await AzureGrainRecords.OpenAsync(account, options.ClusterName, make, First, time, cancellation)
                : SqliteGrainRecords.Open(location.Path!, options.ClusterName, make, time);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            throw new SiloStartException(StorageFailure.Describe(e), e);
        }
    }
}
