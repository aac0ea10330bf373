using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Weakened;

/// <summary>An edge that counts its lease from the receipt of the answer: what that took on its way is added to it.</summary>
internal sealed class LeaseFromReceipt : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        var asked = TimeProvider.System.GetTimestamp();
        await context.Invoke();
        if (context.Result is LeaseGrant grant && WithoutRule.IsMissing(Rule.LeaseFromBeforeItWasAsked))
        {
            context.Result = grant with { Length = grant.Length + TimeProvider.System.GetElapsedTime(asked) };
        }
    }
}
