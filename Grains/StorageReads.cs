using Orleans.Runtime;
using Orleans.Storage;

namespace Sluice.Grains;

/// <summary>Reads what is stored beside a grain's own copy of it, which another activation may have left behind.</summary>
internal static class StorageReads
{
    /// <summary>A grain's state as it is stored now; a blank one where there is none.</summary>
    /// <param name="storage">Where it is stored.</param>
    /// <param name="state">The state's name.</param>
    /// <param name="grain">The grain.</param>
    public static async Task<T> ReadAsync<T>(this IGrainStorage storage, string state, GrainId grain)
        where T : class, new()
    {
        var read = new GrainState<T>();
        await storage.ReadStateAsync(state, grain, read);
        return read.RecordExists ? read.State! : new T();
    }
}
