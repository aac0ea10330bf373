using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Sluice.Storage.Sqlite;

/// <summary>
/// Grain storage in a SQLite file. It promises Orleans' contract, strictly: a write or clear is done only where the stored ETag is the one that
/// was read, is on disk when it is answered, and no ETag is ever used twice, not even for a state that was cleared and made again.
/// </summary>
internal sealed class SqliteGrainStorage(
    string name,
    SqliteStorageOptions options,
    SqliteFiles files,
    IOptions<ClusterOptions> cluster,
    IActivatorProvider activators,
    TimeProvider time) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    private SqliteFile? _file;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var key = Key(stateName, grainId);
        var row = await File.ReadAsync(key, cancellationToken);
        if (row is null)
        {
            SetAbsent(grainState);
            return;
        }

        try
        {
            grainState.State = options.GrainStorageSerializer.Deserialize<T>(new BinaryData(row.Payload));
        }
        catch (Exception e)
        {
            throw new InvalidDataException($"The stored state of {key} cannot be read as {typeof(T).Name}: {e.Message}", e);
        }

        grainState.ETag = row.ETag;
        grainState.RecordExists = true;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var payload = options.GrainStorageSerializer.Serialize(grainState.State).ToArray();
        grainState.ETag = await SwapAsync(Key(stateName, grainId), grainState.ETag, payload, cancellationToken);
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await SwapAsync(Key(stateName, grainId), grainState.ETag, payload: null, cancellationToken);
        SetAbsent(grainState);
    }

    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe($"{nameof(SqliteGrainStorage)}-{name}", options.InitStage, OpenAsync, CloseAsync);

    private SqliteFile File => _file ?? throw new InvalidOperationException($"SQLite grain storage '{name}' is open only while the silo runs.");

    private Task OpenAsync(CancellationToken cancellation) => Task.Run(() => _file = files.Open(options), cancellation);

    private async Task CloseAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _file, value: null) is not null)
        {
            await files.ReleaseAsync(options).WaitAsync(cancellation);
        }
    }

    private RowKey Key(string stateName, GrainId grainId) =>
        new(cluster.Value.ServiceId, grainId.Type.ToString()!, grainId.Key.ToString()!, stateName);

    private async Task<string> SwapAsync(RowKey key, string? expected, byte[]? payload, CancellationToken cancellation)
    {
        var etag = Guid.NewGuid().ToString("N");
        WriteOutcome outcome;
        try
        {
            outcome = await File.WriteAsync(new RowWrite(key, expected, etag, payload, time.GetUtcNow().ToUnixTimeMilliseconds()), cancellation);
        }
        catch (SqliteException e)
        {
            throw DamageReport.Refuse(options.Path, e);
        }

        return outcome.Done
            ? etag
            : throw new InconsistentStateException($"{key} was changed by another activation.", outcome.Stored ?? "none", expected ?? "none");
    }

    private void SetAbsent<T>(IGrainState<T> grainState)
    {
        grainState.State = activators.GetActivator<T>().Create();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }
}
