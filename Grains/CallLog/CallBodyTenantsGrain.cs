using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.CallLog;

namespace Sluice.Grains.CallLog;

/// <summary>The tenants of a workspace that have bodies, and what becomes of these with time. Reentrant: a tenant that is looked after may be added meanwhile.</summary>
[Reentrant, GrainType("call-body-tenants")]
internal sealed class CallBodyTenantsGrain([PersistentState("call-body-tenants")] IPersistentState<StoredBodyTenants> tenants, ILogger<CallBodyTenantsGrain> log) : Grain, ICallBodyTenantsGrain
{
    private readonly SemaphoreSlim _turn = new(1);
    private Durable<StoredBodyTenants>? _durable;
    private Task? _upkeep;

    private Durable<StoredBodyTenants> Tenants => _durable ??= new(this, tenants);

    public async Task AddAsync(string tenant)
    {
        await _turn.WaitAsync();
        try
        {
            if (!Tenants.Value.Tenants.Contains(tenant))
            {
                await Tenants.WriteAsync(new StoredBodyTenants(Tenants.Value.Tenants.Add(tenant)));
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public Task UpkeepAsync() => _upkeep is { IsCompleted: false } ? _upkeep : _upkeep = LookAfterAsync();

    // A tenant stays on the list: it has few names, and one that is let go while it begins anew would be forgotten.
    private async Task LookAfterAsync()
    {
        foreach (var tenant in Tenants.Value.Tenants)
        {
            try
            {
                await GrainFactory.GetGrain<ICallBodiesGrain>(GrainKeys.Join(this.GetPrimaryKeyString(), tenant)).UpkeepAsync();
            }
            catch (Exception failure)
            {
                log.LogWarning("Bodies of calls of tenant {Tenant} could not be looked after and are again soon: {Reason}", tenant, failure.Message);
            }
        }
    }
}
