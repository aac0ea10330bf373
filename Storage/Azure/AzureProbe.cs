using Azure;
using Azure.Data.Tables;

namespace Sluice.Storage.Azure;

/// <summary>Finds out whether an account's tables can be written and read, in a table of its own that stays behind empty.</summary>
public static class AzureProbe
{
    private const string Table = "sluicedoctor";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    /// <summary>Writes a row, reads it and deletes it. Answers how far the account's clock is ahead of this machine's, to a second; null where it does not say.</summary>
    /// <exception cref="RequestFailedException">The account refuses, or is not reached.</exception>
    public static async Task<TimeSpan?> RunAsync(AzureAccount account, TimeProvider time, CancellationToken cancellation)
    {
        var options = new TableClientOptions();
        options.Retry.MaxRetries = 1;
        options.Retry.NetworkTimeout = Bound;
        var table = account.Tables(options).GetTableClient(Table);
        await table.CreateIfNotExistsAsync(cancellation);
        var key = Guid.NewGuid().ToString("n");
        var before = time.GetUtcNow();
        var written = await table.UpsertEntityAsync(new TableEntity("doctor", key), cancellationToken: cancellation);
        var half = (time.GetUtcNow() - before) / 2;
        await table.GetEntityAsync<TableEntity>("doctor", key, cancellationToken: cancellation);
        await table.DeleteEntityAsync("doctor", key, ETag.All, cancellation);
        return written.Headers.Date is { } told ? told - (before + half) : null;
    }
}
