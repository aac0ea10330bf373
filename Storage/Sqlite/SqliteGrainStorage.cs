using Orleans.Runtime;
using Orleans.Storage;

namespace Sluice.Storage.Sqlite;

/// <summary>Orleans grain storage over one SQLite file; promises are those of <see cref="SqliteDatabase"/>. A lost compare-and-swap throws <see cref="InconsistentStateException"/>.</summary>
internal sealed class SqliteGrainStorage(string name, string service, SqliteDatabase database, IGrainStorageSerializer serializer) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var row = await database.ReadAsync(Key(stateName, grainId));
        grainState.RecordExists = row is not null;
        grainState.ETag = row?.Tag;
        grainState.State = row is null ? Activator.CreateInstance<T>() : serializer.Deserialize<T>(new BinaryData(row.Payload));
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var payload = serializer.Serialize(grainState.State).ToArray();
        await SwapAsync(stateName, grainId, grainState, payload);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (grainState.ETag is not null)
        {
            await SwapAsync(stateName, grainId, grainState, payload: null);
        }

        grainState.RecordExists = false;
        grainState.ETag = null;
        grainState.State = Activator.CreateInstance<T>();
    }

    private async Task SwapAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, byte[]? payload)
    {
        var tag = Guid.NewGuid().ToString("N");
        if (!await database.WriteAsync(Key(stateName, grainId), grainState.ETag, tag, payload))
        {
            throw new InconsistentStateException($"Another write came first: {name}, {stateName} of {grainId}.", storedEtag: "other", currentEtag: grainState.ETag ?? "");
        }

        grainState.ETag = tag;
    }

    private RowKey Key(string stateName, GrainId grainId) => new(service, stateName, grainId.ToString());
}
