using Orleans.Runtime;

namespace Sluice.Grains;

/// <summary>A grain's stored state, which is only ever what was stored: where a write fails, the grain forgets what it has and is activated anew from storage.</summary>
internal sealed class Durable<T>(IGrainBase grain, IPersistentState<T> stored)
    where T : class
{
    /// <summary>As stored.</summary>
    public T Value => stored.State;

    /// <summary>Reads what is stored anew: where a cluster is torn, another activation may have written it. Not while a write is under way.</summary>
    public async Task<T> ReadAsync()
    {
        await stored.ReadStateAsync();
        return stored.State;
    }

    /// <summary>Lets go of what is stored; when this returns it is gone from the disk.</summary>
    public async Task ClearAsync()
    {
        try
        {
            await stored.ClearStateAsync();
        }
        catch
        {
            grain.DeactivateOnIdle();
            throw;
        }
    }

    /// <summary>Stores the next state; when this returns it is on the disk.</summary>
    public async Task WriteAsync(T next)
    {
        var before = stored.State;
        stored.State = next;
        try
        {
            await stored.WriteStateAsync();
        }
        catch
        {
            stored.State = before;
            grain.DeactivateOnIdle();
            throw;
        }
    }
}
