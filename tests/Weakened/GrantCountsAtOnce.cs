using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Weakened;

/// <summary>An edge on which a grant counts as soon as it comes: as if it told the head that the edge runs, and required nothing that it lacks.</summary>
internal sealed class GrantCountsAtOnce : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        await context.Invoke();
        if (context.Result is LeaseGrant grant && context.Request.GetArgument(0) is EdgeReport report && WithoutRule.IsMissing(Rule.GrantCountsOnceReached))
        {
            // The head that it told comes by the call that is held open too, which is answered within a second.
            context.Result = grant with { Head = report.Active, Required = 0 };
        }
    }
}
