using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Storage;
using Sluice.Grains.Catalog;
using Sluice.Grains.Fleet;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Weakened;

/// <summary>A silo whose fleet grants from the head's row as it is, whether or not the edge is in its set: who is not in it does not enter it, and who is drops out as a silent one does.</summary>
internal sealed class GrantWithoutListing(IServiceProvider services) : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (string.Equals(context.InterfaceMethod.Name, nameof(IEdgeFleetGrain.RenewAsync), StringComparison.Ordinal) && WithoutRule.IsMissing(Rule.ListedBeforeGranted))
        {
            context.Result = await GrantAsync(context.TargetId.Key.ToString()!);
        }
        else
        {
            await context.Invoke();
        }
    }

    // Asked for late, since the runtime that this is a part of is among what these need.
    private async Task<LeaseGrant> GrantAsync(string workspace)
    {
        var grains = services.GetRequiredService<IGrainFactory>();
        var stored = new GrainState<HeadRow>();
        await services.GetRequiredKeyedService<IGrainStorage>("Default").ReadStateAsync("head", grains.GetGrain<ICatalogGrain>(workspace).GetGrainId(), stored);
        var row = stored.State ?? HeadRow.None;
        var lastChange = await grains.GetGrain<IChangeLogGrain>(workspace).GetLastAsync();
        return new LeaseGrant(services.GetRequiredService<IOptions<FleetOptions>>().Value.Lease, HeadMoves.HeadOf(row), lastChange, row.Changes);
    }
}
