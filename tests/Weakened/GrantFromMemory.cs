using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Weakened;

/// <summary>A silo whose fleet reads the head once, and goes on to grant from what it remembers.</summary>
internal sealed class GrantFromMemory : IIncomingGrainCallFilter
{
    private LeaseGrant? _known;

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        await context.Invoke();
        if (context.Result is LeaseGrant grant)
        {
            // The number of the last change is not of the row: edges still learn of changes.
            var known = _known = WithoutRule.IsMissing(Rule.GrantFromARead) ? _known ?? grant : null;
            context.Result = known is null ? grant : grant with { Head = known.Head, Required = known.Required };
        }
    }
}
