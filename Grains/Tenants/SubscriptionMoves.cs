using System.Collections.Immutable;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Grains.Tenants;

/// <summary>What may become of a subscription. Plain rules, no clock. The very same subscription is answered where nothing changes.</summary>
internal static class SubscriptionMoves
{
    private const int MostSteps = 100;

    /// <summary>Asked for. One that is asked for or approved already stays.</summary>
    /// <param name="known">As it stands; null: it was never asked for.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="product">To what.</param>
    /// <param name="step">The request.</param>
    /// <param name="isAutomatic">Whether the product approves by itself.</param>
    public static Subscription Request(Subscription? known, string tenant, string product, SubscriptionStep step, bool isAutomatic)
    {
        if (known is { State: SubscriptionState.Requested or SubscriptionState.Approved })
        {
            return known;
        }

        var next = Add(known ?? new Subscription(tenant, product, []), step);
        return isAutomatic ? Add(next, new SubscriptionStep(SubscriptionState.Approved, step.At, Author.System, "The product approves by itself.")) : next;
    }

    /// <summary>Decided on; null where that cannot be decided as it stands.</summary>
    public static Subscription? Decide(Subscription known, SubscriptionDecision decision, SubscriptionStep step)
    {
        var (from, to) = decision switch
        {
            SubscriptionDecision.Approve => (SubscriptionState.Requested, SubscriptionState.Approved),
            SubscriptionDecision.Reject => (SubscriptionState.Requested, SubscriptionState.Rejected),
            _ => (SubscriptionState.Approved, SubscriptionState.Withdrawn),
        };
        return known.State == to ? known : known.State == from ? Add(known, step with { State = to }) : null;
    }

    private static Subscription Add(Subscription to, SubscriptionStep step) =>
        to with { Steps = [.. to.Steps.Skip(to.Steps.Length - (MostSteps - 1)), step] };
}
