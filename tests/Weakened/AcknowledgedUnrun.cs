using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Weakened;

/// <summary>An edge that acknowledges a head as soon as it hears of it, before it has what it needs to run it.</summary>
internal sealed class AcknowledgedUnrun : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        await context.Invoke();
        if (Told(context) is var (edge, head) && WithoutRule.IsMissing(Rule.AcknowledgedOnceRun))
        {
            ((IEdgeFleetGrain)context.Grain).AcknowledgeAsync(edge, head, applied: 0).Ignore();
        }
    }

    private static (string Edge, Head Head)? Told(IOutgoingGrainCallContext context) => (context.Result, context.Request.GetArgumentCount() > 0 ? context.Request.GetArgument(0) : null) switch
    {
        (FleetNews news, string edge) => (edge, news.Head),
        (LeaseGrant grant, EdgeReport report) => (report.Hello.Edge, grant.Head),
        _ => null,
    };
}
