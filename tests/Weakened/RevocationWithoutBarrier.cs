using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Weakened;

/// <summary>A silo that answers a revocation at once: the barrier goes on for nobody.</summary>
internal sealed class RevocationWithoutBarrier : IOutgoingGrainCallFilter
{
    public Task Invoke(IOutgoingGrainCallContext context)
    {
        if (!string.Equals(context.InterfaceMethod.Name, nameof(IFleetBarrierGrain.RequireAsync), StringComparison.Ordinal) || !WithoutRule.IsMissing(Rule.RevocationWaits))
        {
            return context.Invoke();
        }

        context.Invoke().Ignore();
        context.Result = new BarrierReport(BarrierState.Complete, 0, []);
        return Task.CompletedTask;
    }
}
