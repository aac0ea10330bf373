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
    private StateStore? _store;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var key = Key(stateName, grainId);
        if (await Store.ReadAsync(key, cancellationToken) is not { } stored)
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
        grainState.ETag = (await Store.SwapAsync(Key(stateName, grainId), grainState.ETag, payload, cancellationToken)).ToString();
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await Store.ClearAsync(Key(stateName, grainId), grainState.ETag, cancellationToken);
        SetAbsent(grainState);
    }

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe($"{nameof(AzureGrainStorage)}-{name}", options.InitStage, OpenAsync, CloseAsync);

    private StateStore Store => _store ?? throw new InvalidOperationException($"Azure grain storage '{name}' is open only while the silo runs.");

    private async Task OpenAsync(CancellationToken cancellation) =>
        _store = new StateStore(await StateTable.OpenAsync(options, cluster.Value.ServiceId, time, cancellation), options.LargestRow);

    private async Task CloseAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _store, value: null) is { } store)
        {
            await store.DisposeAsync().AsTask().WaitAsync(cancellation);
        }
    }

    private StateKey Key(string stateName, GrainId grainId) =>
        StateKey.Of(cluster.Value.ServiceId, grainId.Type.ToString()!, grainId.Key.ToString()!, stateName, options.Partitions);

    private void SetAbsent<T>(IGrainState<T> grainState)
    {
        grainState.State = activators.GetActivator<T>().Create();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }
}
