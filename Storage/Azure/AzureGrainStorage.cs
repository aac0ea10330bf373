using Azure;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Sluice.Storage.Azure;

/// <summary>
/// Grain storage in Azure tables and blobs. It promises Orleans' contract, strictly: a write or clear is done only where the stored ETag is the one that
/// was read, is kept when it is answered, and is answered or refused within one deadline. A write that was carried out while its answer was lost is
/// recognised by its own id: neither done twice nor refused. Described in docs/storage.md.
/// </summary>
internal sealed class AzureGrainStorage(
    string name,
    AzureGrainStorageOptions options,
    IOptions<ClusterOptions> cluster,
    IActivatorProvider activators,
    TimeProvider time) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    // A reader whose blob is replaced between its two reads looks at the row again; more often than this is no race.
    private const int MostLooks = 5;

    private StateTable? _table;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var key = Key(stateName, grainId);
        if (await ReadAsync(key, Table.Start(), cancellationToken) is not { } stored)
        {
            SetAbsent(grainState);
            return;
        }

        try
        {
            grainState.State = options.GrainStorageSerializer.Deserialize<T>(new BinaryData(stored.Payload));
        }
        catch (Exception e)
        {
            throw new InvalidDataException($"The stored state of {key} cannot be read as {typeof(T).Name}: {e.Message}", e);
        }

        grainState.ETag = stored.Tag.ToString();
        grainState.RecordExists = true;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var payload = options.GrainStorageSerializer.Serialize(grainState.State);
        grainState.ETag = (await SwapAsync(Key(stateName, grainId), grainState.ETag, payload, cancellationToken)).ToString();
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await ClearAsync(Key(stateName, grainId), grainState.ETag, cancellationToken);
        SetAbsent(grainState);
    }

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe($"{nameof(AzureGrainStorage)}-{name}", options.InitStage, OpenAsync, CloseAsync);

    private StateTable Table => _table ?? throw new InvalidOperationException($"Azure grain storage '{name}' is open only while the silo runs.");

    private async Task OpenAsync(CancellationToken cancellation) =>
        _table = await StateTable.OpenAsync(options, cluster.Value.ServiceId, time, cancellation);

    private async Task CloseAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _table, value: null) is { } table)
        {
            await table.DisposeAsync().AsTask().WaitAsync(cancellation);
        }
    }

    private StateKey Key(string stateName, GrainId grainId) =>
        StateKey.Of(cluster.Value.ServiceId, grainId.Type.ToString()!, grainId.Key.ToString()!, stateName, options.Partitions);

    private async Task<(byte[] Payload, StateTag Tag)?> ReadAsync(StateKey key, Attempts attempts, CancellationToken cancellation)
    {
        for (var look = 1; ; look++)
        {
            if (await Table.ReadAsync(key, attempts, cancellation) is not { } entity)
            {
                return null;
            }

            StateEntity.Check(entity, key);
            var blob = StateEntity.Blob(entity);
            if (blob is null)
            {
                return (StateEntity.Payload(entity), new StateTag(entity.ETag, blob));
            }

            if (await Table.Blobs.ReadAsync(blob, Table.Start(StateEntity.BlobBytes(entity)), cancellation) is { } payload)
            {
                return (payload, new StateTag(entity.ETag, blob));
            }

            if (look == MostLooks)
            {
                throw new InvalidDataException($"The blob {blob} of {key} is not there. It was removed by something else than Sluice.");
            }
        }
    }

    private async Task<StateTag> SwapAsync(StateKey key, string? expected, BinaryData payload, CancellationToken cancellation)
    {
        var was = Expected(key, expected);
        var operation = Guid.NewGuid().ToString("N");
        var bytes = payload.ToMemory();
        var attempts = Table.Start(bytes.Length > options.LargestRow ? bytes.Length : 0);
        string? blob = null;
        if (bytes.Length > options.LargestRow)
        {
            blob = StateBlobs.NameFor(key, operation, bytes.Span);
            await Table.Blobs.WriteAsync(blob, payload, attempts, cancellation);
        }

        var entity = blob is null ? StateEntity.Inline(key, operation, bytes) : StateEntity.Pointer(key, operation, blob, bytes.Length);
        var outcome = await Table.WriteAsync(new TableWrite(key, was?.ETag, entity, attempts), cancellation);
        await RemoveAsync(outcome.Done ? was?.Blob : blob, cancellation);
        return outcome.Done ? new StateTag(outcome.Stored!.Value, blob) : throw Refused(key, outcome, expected);
    }

    private async Task ClearAsync(StateKey key, string? expected, CancellationToken cancellation)
    {
        if (Expected(key, expected) is not { } was)
        {
            // Removing what is not there is done already.
            if (await Table.ReadAsync(key, Table.Start(), cancellation) is { } stored)
            {
                throw Refused(key, new TableWriteOutcome(Done: false, stored.ETag), expected);
            }

            return;
        }

        var outcome = await Table.WriteAsync(new TableWrite(key, was.ETag, Entity: null, Table.Start()), cancellation);
        if (!outcome.Done)
        {
            throw Refused(key, outcome, expected);
        }

        await RemoveAsync(was.Blob, cancellation);
    }

    private async Task RemoveAsync(string? blob, CancellationToken cancellation)
    {
        if (blob is not null)
        {
            // A blob that stays costs its room and nothing else; the write it belonged to is answered as it went.
            await Table.Blobs.TryRemoveAsync(blob, Table.Start(), cancellation);
        }
    }

    private static StateTag? Expected(StateKey key, string? expected) => expected is null
        ? null
        : StateTag.Parse(expected) ?? throw new InconsistentStateException($"'{expected}' is no ETag of {key}.", "unknown", expected);

    private static InconsistentStateException Refused(StateKey key, TableWriteOutcome outcome, string? expected) =>
        new($"{key} was changed by another activation.", outcome.Stored?.ToString() ?? "none", expected ?? "none");

    private void SetAbsent<T>(IGrainState<T> grainState)
    {
        grainState.State = activators.GetActivator<T>().Create();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }
}

/// <summary>What a grain holds as its ETag: the row's, and the blob's name, so that the writer who replaces the state knows what to remove.</summary>
internal sealed record StateTag(ETag ETag, string? Blob)
{
    private const char Separator = '#';

    /// <summary>Null: it is none that this storage gave. A wildcard is none: no write here goes without compare-and-swap.</summary>
    public static StateTag? Parse(string text)
    {
        var end = text.LastIndexOf(Separator);
        return text is ['W', '/', '"', ..] ? new StateTag(new ETag(end < 0 ? text : text[..end]), end < 0 ? null : text[(end + 1)..]) : null;
    }

    public override string ToString() => Blob is null ? ETag.ToString("H") : $"{ETag.ToString("H")}{Separator}{Blob}";
}
