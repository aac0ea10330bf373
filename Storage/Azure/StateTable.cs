using System.Globalization;
using Azure;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Orleans.Runtime;

namespace Sluice.Storage.Azure;

/// <summary>The open table and container of one storage, with a queue for each partition.</summary>
internal sealed class StateTable : IAsyncDisposable
{
    private const string LayoutRow = "layout";

    private readonly TableClient _table;
    private readonly TransactionRunner _runner;
    private readonly AzureGrainStorageOptions _options;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, PartitionQueue> _queues = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    private StateTable(TableClient table, BlobContainerClient container, AzureGrainStorageOptions options, TimeProvider time)
    {
        (_table, _options, _time) = (table, options, time);
        _runner = new TransactionRunner(table);
        Blobs = new StateBlobs(container);
    }

    /// <summary>The blobs of large states.</summary>
    public StateBlobs Blobs { get; }

    /// <summary>Makes table and container where they are not there, and checks that the table was made for the same number of partitions.</summary>
    public static async Task<StateTable> OpenAsync(AzureGrainStorageOptions options, string service, TimeProvider time, CancellationToken cancellation)
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
        var opened = new StateTable(table, container, options, time);
        await opened.Start().RunAsync(token => table.CreateIfNotExistsAsync(token), $"make the table {options.TableName}", cancellation);
        await opened.Start().RunAsync(token => container.CreateIfNotExistsAsync(cancellationToken: token), $"make the container {options.ContainerName}", cancellation);
        await opened.CheckLayoutAsync(StateKey.Escape(service), cancellation);
        return opened;
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

    private async Task CheckLayoutAsync(string service, CancellationToken cancellation)
    {
        var wanted = new TableEntity(service, LayoutRow) { ["Format"] = StateEntity.Format, ["Partitions"] = _options.Partitions };
        try
        {
            await Start().RunAsync(token => _table.AddEntityAsync(wanted, token), "write the layout of the table", cancellation);
            return;
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Another silo, or an earlier start, has written it.
        }

        var stored = (await Start().RunAsync(token => _table.GetEntityAsync<TableEntity>(service, LayoutRow, cancellationToken: token), "read the layout of the table", cancellation)).Value;
        if (stored.GetInt32("Format") is not { } format || format > StateEntity.Format)
        {
            throw new OrleansConfigurationException($"The table {_options.TableName} was made by a newer Sluice; this one knows formats up to {StateEntity.Format}.");
        }

        if (stored.GetInt32("Partitions") != _options.Partitions)
        {
            throw new OrleansConfigurationException(string.Create(CultureInfo.InvariantCulture,
                $"Partitions must be {stored.GetInt32("Partitions")}, with which the table {_options.TableName} was made; is {_options.Partitions}."));
        }
    }
}
