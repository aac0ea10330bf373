using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Weakened;

/// <summary>A silo whose publishes return when more than half of the edges run the new head.</summary>
internal sealed class BarrierOfMost : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (!string.Equals(context.InterfaceMethod.Name, nameof(IFleetBarrierGrain.ActivateAsync), StringComparison.Ordinal)
            || context.Request.GetArgument(1) is not ImmutableArray<string> { Length: > 1 } edges
            || !WithoutRule.IsMissing(Rule.BarrierOfAll))
        {
            await context.Invoke();
            return;
        }

        // A barrier for each edge: the fleet tells only the end of a whole one.
        var (fleet, head) = ((IFleetBarrierGrain)context.Grain, (Head)context.Request.GetArgument(0)!);
        var reached = 0;
        await foreach (var one in Task.WhenEach(edges.Select(edge => fleet.ActivateAsync(head, [edge]))))
        {
            reached += (await one).Activated;
            if (reached > edges.Length / 2)
            {
                break;
            }
        }

        context.Result = new BarrierReport(BarrierState.Complete, reached, []);
    }
}
