using System.Globalization;
using System.Runtime.CompilerServices;
using Azure.Data.Tables;
using Orleans.Runtime;
using Orleans.Storage;
using Sluice.Storage.Records;

namespace Sluice.Storage.Azure;

/// <summary>
/// The states of one cluster in our tables and blobs, for backup and restore. A table has no snapshots: a reading lists rows while silos go on writing, first
/// those that name others. A replacement marks the table first, so that no silo starts on the half of it, and takes the mark away when what it wrote was read back.
/// </summary>
public sealed class AzureGrainRecords : IGrainRecords
{
    // Nobody waits for an answer here as a client does: a slow account is given its time.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(20);

    // What is written or removed at once: enough to fill transactions of all partitions, and no more bytes than a small machine has.
    private const int MostInWave = 800;
    private const int MostBytesInWave = 32 * 1024 * 1024;

    private readonly StateStore _store;
    private readonly SiloRows _silos;
    private readonly string _cluster;
    private readonly IReadOnlyList<StateKind> _first;
    private readonly TimeProvider _time;
    private StoredLayout _layout;

    private AzureGrainRecords(AzureGrainStorageOptions options, StateTable table, StoredLayout layout, string cluster, IReadOnlyList<StateKind> first, TimeProvider time)
    {
        (_layout, _cluster, _first, _time) = (layout, cluster, first, time);
        _store = new StateStore(table, options.LargestRow);
        _silos = new SiloRows(options.Account!.Tables(new TableClientOptions()).GetTableClient(SiloRows.TableName), cluster, () => table.Start());
    }

    /// <summary>Opens the states of a cluster in an account.</summary>
    /// <param name="account">The account.</param>
    /// <param name="cluster">The cluster's name.</param>
    /// <param name="make">Whether its table may be made, and what a restore that was broken off has left may be opened.</param>
    /// <param name="first">States that name others, which are always stored before them: read first, they name none that the reading has not.</param>
    /// <param name="time">Bounds the waits.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidDataException">There is nothing, or not all of it.</exception>
    public static async Task<AzureGrainRecords> OpenAsync(
        AzureAccount account, string cluster, bool make, IReadOnlyList<StateKind> first, TimeProvider time, CancellationToken cancellation)
    {
        var options = new AzureGrainStorageOptions { Account = account, Deadline = Deadline, TryTimeout = TryTimeout };
        var table = StateTable.Connect(options, time);
        if (make)
        {
            await table.MakeAsync(cancellation);
            return new AzureGrainRecords(options, table, await table.Layout(cluster).EnsureAsync(options.Partitions, cancellation), cluster, first, time);
        }

        return await table.Layout(cluster).ReadAsync(cancellation) switch
        {
            null => throw new InvalidDataException($"There is no state of a cluster '{cluster}' in {account}, table {options.TableName}. Name the cluster with --cluster-name."),
            { Restore: { } begun } => throw new InvalidDataException($"A restore into the cluster '{cluster}' was begun ({begun}) and not finished: there is not all of its state."),
            var layout => new AzureGrainRecords(options, table, layout, cluster, first, time),
        };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<GrainRecord> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var kind in _first)
        {
            await foreach (var record in ReadAsync(StateKey.Prefix(kind.GrainType, kind.StateName), cancellation))
            {
                yield return record;
            }
        }

        await foreach (var record in ReadAsync(rows: null, cancellation))
        {
            if (!_first.Contains(new StateKind(record.GrainType, record.StateName)))
            {
                yield return record;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<bool> IsEmptyAsync(CancellationToken cancellation)
    {
        if (_layout.Restore is not null)
        {
            return true;
        }

        var subscriptions = $"{StateKey.Escape(StateKind.Subscriptions)}_";
        return !await _store.Table.ListAsync(_cluster, rows: null, StateEntity.Outline, cancellation)
            .AnyAsync(row => !row.RowKey.StartsWith(subscriptions, StringComparison.Ordinal), cancellation);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> LivingSilosAsync(DateTimeOffset since, CancellationToken cancellation) => _silos.LivingAsync(since, cancellation);

    /// <inheritdoc/>
    public async Task ReplaceAsync(IAsyncEnumerable<GrainRecord> records, Func<CancellationToken, Task> refuse, CancellationToken cancellation)
    {
        var before = _layout;
        var marked = await _store.Table.Layout(_cluster).MarkAsync(before, _time.GetUtcNow().ToString("u", CultureInfo.InvariantCulture), cancellation);
        try
        {
            await refuse(cancellation);
        }
        catch
        {
            await _store.Table.Layout(_cluster).MarkAsync(marked, before.Restore, CancellationToken.None);
            throw;
        }

        try
        {
            await RemoveAllAsync(cancellation);
            await CheckAsync(await WriteAllAsync(records, cancellation), cancellation);
            _layout = await _store.Table.Layout(_cluster).MarkAsync(marked, restore: null, cancellation);
        }
        catch (Exception e)
        {
            throw new UnfinishedRestoreException(
                $"the restore was broken off: {StorageFailure.Describe(e)} The cluster '{_cluster}' has not all of its state, and no silo starts on it: run 'sluice restore' again", e);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private async IAsyncEnumerable<GrainRecord> ReadAsync(string? rows, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var row in _store.Table.ListAsync(_cluster, rows, properties: null, cancellation))
        {
            var key = StateEntity.Key(row);
            var (type, grain, state) = StateKey.Parse(key.Name) ?? throw new InvalidDataException(
                $"The row {key.Row} of partition {key.Partition} was written by an older Sluice, which kept only a hash of so long a name: it cannot be told whose state it is. "
                + "It has its name from its next write on: let the grain be used once under a silo of this version, or remove the row, then try again.");
            if (!string.Equals(type, StateKind.Subscriptions, StringComparison.Ordinal) && await _store.ReadAsync(key, row, cancellation) is { } stored)
            {
                yield return new GrainRecord(type, grain, state, stored.Payload);
            }
        }
    }

    private async Task RemoveAllAsync(CancellationToken cancellation)
    {
        await foreach (var rows in _store.Table.ListAsync(_cluster, rows: null, StateEntity.Outline, cancellation).Chunk(MostInWave).WithCancellation(cancellation))
        {
            await Task.WhenAll(rows.Select(row => _store.ClearAsync(StateEntity.Key(row), new StateTag(row.ETag, StateEntity.Blob(row)).ToString(), cancellation)));
        }

        await _silos.RemoveAsync(cancellation);
    }

    private async Task<RecordsDigest> WriteAllAsync(IAsyncEnumerable<GrainRecord> records, CancellationToken cancellation)
    {
        var digest = new RecordsDigest();
        var (wave, bytes) = (new List<GrainRecord>(MostInWave), 0);
        await foreach (var record in records.WithCancellation(cancellation))
        {
            digest.Add(record);
            wave.Add(record);
            bytes += record.Payload.Length;
            if (wave.Count == MostInWave || bytes > MostBytesInWave)
            {
                await Task.WhenAll(wave.Select(WriteAsync));
                wave.Clear();
                bytes = 0;
            }
        }

        await Task.WhenAll(wave.Select(WriteAsync));
        return digest;

        async Task WriteAsync(GrainRecord record)
        {
            var key = StateKey.Of(_cluster, record.GrainType, record.GrainKey, record.StateName, _layout.Partitions);
            try
            {
                await _store.SwapAsync(key, expected: null, new BinaryData(record.Payload), cancellation);
            }
            catch (InconsistentStateException e)
            {
                throw new InvalidDataException($"{key} is there twice.", e);
            }
        }
    }

    private async Task CheckAsync(RecordsDigest written, CancellationToken cancellation)
    {
        var stored = new RecordsDigest();
        await foreach (var record in ReadAsync(rows: null, cancellation))
        {
            stored.Add(record);
        }

        if (!stored.Matches(written))
        {
            throw new InvalidDataException(FormattableString.Invariant($"Of the {written.Count} states that were written, {stored.Count} were read back, or not as they were written."));
        }
    }
}
