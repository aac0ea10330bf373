using System.Runtime.CompilerServices;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Orleans.Runtime;

namespace Sluice.Storage.Azure;

/// <summary>The open table and container of one storage, with a queue for each partition.</summary>
internal sealed class StateTable : IAsyncDisposable
{
    // Rows in one answer to a listing. A row holds up to 1 MiB; Azure answers with at most 4 MiB, Azurite with all of them.
    private const int PageRows = 100;
    private const int PageBytes = 4 * 1024 * 1024;

    private readonly TableClient _table;
    private readonly BlobContainerClient _container;
    private readonly TransactionRunner _runner;
    private readonly AzureGrainStorageOptions _options;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, PartitionQueue> _queues = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    private StateTable(TableClient table, BlobContainerClient container, AzureGrainStorageOptions options, TimeProvider time)
    {
        (_table, _container, _options, _time) = (table, container, options, time);
        _runner = new TransactionRunner(table);
        Blobs = new StateBlobs(container);
    }

    /// <summary>The blobs of large states.</summary>
    public StateBlobs Blobs { get; }

    /// <summary>Makes table and container where they are not there, and checks that the table was made for the same number of partitions.</summary>
    public static async Task<StateTable> OpenAsync(AzureGrainStorageOptions options, string service, TimeProvider time, CancellationToken cancellation)
    {
        var table = Connect(options, time);
        await table.MakeAsync(cancellation);
        var layout = await table.Layout(service).EnsureAsync(options.Partitions, cancellation);
        return layout.Restore is null ? table : throw new OrleansConfigurationException(
            $"A restore into the table {options.TableName} is under way, or was broken off. Wait until it ends, or run 'sluice restore' again.");
    }

    /// <summary>Names table and container without asking for them.</summary>
    public static StateTable Connect(AzureGrainStorageOptions options, TimeProvider time)
    {
        var tables = new TableClientOptions();
        var blobs = new BlobClientOptions();
        foreach (var retry in (RetryOptions[])[tables.Retry, blobs.Retry])
        {
            retry.MaxRetries = 0;

            // Each try has a bound of its own, which knows how much there is to carry.
            retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        }

        var table = options.Account!.Tables(tables).GetTableClient(options.TableName);
        var container = options.Account.Blobs(blobs).GetBlobContainerClient(options.ContainerName);
        return new StateTable(table, container, options, time);
    }

    /// <summary>Makes table and container where they are not there.</summary>
    public async Task MakeAsync(CancellationToken cancellation)
    {
        await Start().RunAsync(token => _table.CreateIfNotExistsAsync(token), $"make the table {_options.TableName}", cancellation);
        await Start().RunAsync(token => _container.CreateIfNotExistsAsync(cancellationToken: token), $"make the container {_options.ContainerName}", cancellation);
    }

    /// <summary>The layout of a service.</summary>
    public TableLayout Layout(string service) => new(_table, service, () => Start());

    /// <summary>The rows of states of a service, in the order of their keys, each as it stood at some moment of the listing.</summary>
    /// <param name="rows">What their row keys begin with; null: all of them.</param>
    /// <param name="properties">The properties to be read; null: all.</param>
    public async IAsyncEnumerable<TableEntity> ListAsync(
        string service, string? rows, IReadOnlyList<string>? properties, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var partitions = StateKey.Prefix(service);
        var filter = TableClient.CreateQueryFilter($"PartitionKey ge {partitions} and PartitionKey lt {After(partitions)}");
        if (rows is not null)
        {
            filter = $"{filter} and {TableClient.CreateQueryFilter($"RowKey ge {rows} and RowKey lt {After(rows)}")}";
        }

        string? next = null;
        do
        {
            var from = next;
            var page = await Start(PageBytes).RunAsync(
                async token => await _table.QueryAsync<TableEntity>(filter, PageRows, properties, token).AsPages(from, PageRows).FirstAsync(token), "list the table", cancellation);
            foreach (var entity in page.Values)
            {
                yield return entity;
            }

            next = page.ContinuationToken;
        }
        while (next is not null);

        // The first text that comes after all that begin so.
        static string After(string prefix) => $"{prefix[..^1]}{(char)(prefix[^1] + 1)}";
    }

    /// <summary>A deadline that begins now.</summary>
    /// <param name="bytes">What has to be carried to or from a blob.</param>
    public Attempts Start(int bytes = 0) => new(_time, _options.Deadline, _options.TryTimeout, bytes);

    /// <summary>The row, or null.</summary>
    public async Task<TableEntity?> ReadAsync(StateKey key, Attempts attempts, CancellationToken cancellation)
    {
        var row = await attempts.RunAsync(
            token => _table.GetEntityIfExistsAsync<TableEntity>(key.Partition, key.Row, cancellationToken: token), $"read {key}", cancellation);
        return row.HasValue ? row.Value : null;
    }

    /// <summary>Does a write where the expected ETag is stored.</summary>
    /// <exception cref="StorageUnavailableException">The deadline is over.</exception>
    public async Task<TableWriteOutcome> WriteAsync(TableWrite write, CancellationToken cancellation)
    {
        if (_options.MaxBatch == 1)
        {
            await _runner.RunAsync([write], cancellation);
            return await write.Answer.Task;
        }

        try
        {
            using var over = new CancellationTokenSource(write.Attempts.Left, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellation);
            await Queue(write.Key.Partition).AddAsync(write, either.Token);
            return await write.Answer.Task.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw write.Attempts.Over($"write {write.Key}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        PartitionQueue[] queues;
        lock (_lock)
        {
            queues = [.. _queues.Values];
        }

        foreach (var queue in queues)
        {
            await queue.DisposeAsync();
        }
    }

    private PartitionQueue Queue(string partition)
    {
        lock (_lock)
        {
            return _queues.TryGetValue(partition, out var queue)
                ? queue
                : _queues[partition] = new PartitionQueue(_runner, _options.MaxBatch, _options.QueueLength);
        }
    }
}
