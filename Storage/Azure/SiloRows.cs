using System.Globalization;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Orleans.Runtime;

namespace Sluice.Storage.Azure;

/// <summary>
/// The rows of a cluster's silos in the table of Microsoft.Orleans.Clustering.AzureStorage, for who is no silo: the partition is the cluster, a row a silo, and one
/// row more the version of the whole.
/// </summary>
internal sealed class SiloRows(TableClient table, string cluster, Func<Attempts> start)
{
    /// <summary>The table's name, the package's default.</summary>
    public const string TableName = "OrleansSiloInstances";

    private const string VersionRow = "VersionRow";
    private const int MostInTransaction = 100;

    /// <summary>Address and port of silos that gave a sign of life after a time and were not declared dead.</summary>
    public async Task<IReadOnlyList<string>> LivingAsync(DateTimeOffset since, CancellationToken cancellation) =>
        [.. (await ReadAsync(cancellation))
            .Where(row => !string.Equals(row.RowKey, VersionRow, StringComparison.Ordinal)
                && !string.Equals(row.GetString("Status"), nameof(SiloStatus.Dead), StringComparison.Ordinal)
                && row.GetString("IAmAliveTime") is { } alive && LogFormatter.ParseDate(alive) > since.UtcDateTime)
            .Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.GetString("Address")}:{row.GetString("Port")}"))];

    /// <summary>Removes all rows of the cluster.</summary>
    public async Task RemoveAsync(CancellationToken cancellation)
    {
        // The version goes last: a silo that reads meanwhile sees fewer silos, never a table without a version.
        foreach (var rows in (await ReadAsync(cancellation)).OrderBy(row => string.Equals(row.RowKey, VersionRow, StringComparison.Ordinal)).Chunk(MostInTransaction))
        {
            await start().RunAsync(
                token => table.SubmitTransactionAsync(rows.Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row, ETag.All)), token), "remove rows of silos", cancellation);
        }
    }

    private async Task<List<TableEntity>> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return await start().RunAsync(
                async token => await table.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {cluster}"), cancellationToken: token).ToListAsync(token), "read the table of silos", cancellation);
        }
        catch (RequestFailedException e) when (string.Equals(e.ErrorCode, TableErrorCode.TableNotFound.ToString(), StringComparison.Ordinal))
        {
            return [];
        }
    }
}
