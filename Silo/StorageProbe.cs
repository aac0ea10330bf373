using Sluice.Storage.Azure;
using Sluice.Storage.Records;
using Sluice.Storage.Sqlite;

namespace Sluice.Silo;

/// <summary>Finds out whether the storage of the settings can be read and written, while silos run or not.</summary>
public static class StorageProbe
{
    /// <summary>Tries the storage; a SQLite file that is not there yet is not made.</summary>
    /// <exception cref="SiloStartException">It cannot be used: why, in one line and without secrets.</exception>
    public static async Task<StorageProbeResult> RunAsync(SiloOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var location = StorageLocation.Parse(options.Storage, options.Data);
        try
        {
            if (location.Azure is { } account)
            {
                return new StorageProbeResult(account.ToString(), IsThere: true, await AzureProbe.RunAsync(account, time, cancellation));
            }

            if (!File.Exists(location.Path))
            {
                return new StorageProbeResult(location.Path!, IsThere: false, null);
            }

            SqliteProbe.Run(location.Path);
            return new StorageProbeResult(location.Path, IsThere: true, null);
        }
        catch (Exception e) when (StorageFailure.Is(e) || e is IOException or UnauthorizedAccessException or AggregateException)
        {
            throw new SiloStartException(StorageFailure.Describe(e), e);
        }
    }
}

/// <summary>What was found.</summary>
/// <param name="Place">For people, without secrets.</param>
/// <param name="IsThere">False: a first start will make it.</param>
/// <param name="ClockAhead">How far the storage's clock is ahead of this machine's, to a second; null: it has none, or does not say.</param>
public readonly record struct StorageProbeResult(string Place, bool IsThere, TimeSpan? ClockAhead);
