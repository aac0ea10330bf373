using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Deferred;

namespace Sluice.Edge.Deferred;

/// <summary>The works of tenants that are charged later, which their grains keep. Each call is tried once, within a bound.</summary>
internal sealed class DeferredWorks(IClusterClient cluster, EdgeStart start, TimeProvider time, ILogger<DeferredWorks> log)
{
    // A budget's edges may be asked for what they hold unused, each budget for three seconds.
    private static readonly TimeSpan HoldBound = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    /// <summary>Has budgets lend what a work may cost; null: no silo answered.</summary>
    public async Task<HoldAnswer?> TryHoldAsync(string tenant, DeferredWork work)
    {
        try
        {
            return await Of(tenant).HoldAsync(work).WaitAsync(HoldBound, time);
        }
        catch (Exception failure)
        {
            Log(tenant, failure);
            return null;
        }
    }

    /// <summary>Whether the provider may now be asked; false where no silo stored it.</summary>
    public async Task<bool> TryPrepareAsync(string tenant, string id, string input)
    {
        var mayAsk = false;
        return await TryAsync(tenant, async grain => mayAsk = await grain.PrepareAsync(id, input)) && mayAsk;
    }

    /// <summary>The provider has begun it; false: no silo stored it, and whoever looks after works finds out.</summary>
    public Task<bool> TryStartAsync(string tenant, string id, string place, ListedWork? listed) => TryAsync(tenant, grain => grain.StartAsync(id, place, listed));

    /// <summary>The provider does not do it; false: no silo stored it, and whoever looks after works finds out.</summary>
    public Task<bool> TryDropAsync(string tenant, string id) => TryAsync(tenant, grain => grain.DropAsync(id));

    /// <summary>It has ended; false: no silo stored it, and it is looked at again.</summary>
    public Task<bool> TryEndAsync(string tenant, string id, DeferredEnd end) => TryAsync(tenant, grain => grain.EndAsync(id, end));

    /// <summary>Lists it as it is now.</summary>
    public Task<bool> TryShowAsync(string tenant, ListedWork listed) => TryAsync(tenant, grain => grain.ShowAsync(listed));

    /// <summary>How it is listed; null: it is not, or no silo answered.</summary>
    public async Task<ListedWork?> FindAsync(string tenant, string provider, string place)
    {
        ListedWork? found = null;
        await TryAsync(tenant, async grain => found = await grain.FindAsync(provider, place));
        return found;
    }

    /// <summary>One that was begun and has not ended; null: there is none, or no silo answered.</summary>
    public async Task<OpenWork?> OpenAsync(string tenant, string provider, string place)
    {
        OpenWork? open = null;
        await TryAsync(tenant, async grain => open = await grain.OpenAsync(provider, place));
        return open;
    }

    /// <summary>A page of what a tenant has; null: no silo answered.</summary>
    public async Task<ListedPage?> ListAsync(string tenant, string? after, int limit)
    {
        ListedPage? page = null;
        await TryAsync(tenant, async grain => page = await grain.ListAsync(after, limit));
        return page;
    }

    /// <summary>The tenants that have works which have not ended; none where no silo answered.</summary>
    public async Task<ImmutableArray<string>> TenantsAsync()
    {
        try
        {
            return await cluster.GetGrain<IEdgeDeferredDirectoryGrain>(start.Workspace).ListAsync().WaitAsync(Bound, time);
        }
        catch (Exception failure)
        {
            log.LogDebug("Which works have not ended could not be asked, and is again soon: {Reason}", failure.Message);
            return [];
        }
    }

    /// <summary>What of a tenant's is to be looked at now; none where no silo answered.</summary>
    public async Task<ImmutableArray<OpenWork>> DueAsync(string tenant)
    {
        ImmutableArray<OpenWork> due = [];
        await TryAsync(tenant, async grain => due = await grain.DueAsync());
        return due;
    }

    private IDeferredGrain Of(string tenant) => cluster.GetGrain<IDeferredGrain>(GrainKeys.Join(start.Workspace, tenant));

    private async Task<bool> TryAsync(string tenant, Func<IDeferredGrain, Task> call)
    {
        try
        {
            await call(Of(tenant)).WaitAsync(Bound, time);
            return true;
        }
        catch (Exception failure)
        {
            Log(tenant, failure);
            return false;
        }
    }

    private void Log(string tenant, Exception failure) => log.LogWarning("The works of {Tenant} could not be reached: {Reason}", tenant, failure.Message);
}
