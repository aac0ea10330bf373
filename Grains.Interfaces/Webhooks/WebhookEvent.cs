namespace Sluice.Grains.Interfaces.Webhooks;

/// <summary>What webhooks are told of.</summary>
public enum WebhookEvent
{
    /// <summary>A share of a budget that its declaration names is spent.</summary>
    BudgetWarning,

    /// <summary>A budget refused for the first time in its window.</summary>
    BudgetExhausted,

    /// <summary>A tenant asked for a product.</summary>
    SubscriptionRequested,

    /// <summary>A subscription was approved.</summary>
    SubscriptionApproved,

    /// <summary>A subscription was rejected.</summary>
    SubscriptionRejected,

    /// <summary>An approved subscription was taken away.</summary>
    SubscriptionWithdrawn,

    /// <summary>An alert began.</summary>
    AlertFiring,

    /// <summary>An alert ended.</summary>
    AlertResolved,
}

/// <summary>How events are written, in bundles and in what is sent: Standard Webhooks separates the words by dots.</summary>
public static class WebhookEvents
{
    /// <summary>All of them, as written.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<WebhookEvent>().Select(Name)];

    /// <summary><c>budget.warning</c> …</summary>
    public static string Name(WebhookEvent of) => of switch
    {
        WebhookEvent.BudgetWarning => "budget.warning",
        WebhookEvent.BudgetExhausted => "budget.exhausted",
        WebhookEvent.SubscriptionRequested => "subscription.requested",
        WebhookEvent.SubscriptionApproved => "subscription.approved",
        WebhookEvent.SubscriptionRejected => "subscription.rejected",
        WebhookEvent.SubscriptionWithdrawn => "subscription.withdrawn",
        WebhookEvent.AlertFiring => "alert.firing",
        WebhookEvent.AlertResolved => "alert.resolved",
        _ => throw new ArgumentOutOfRangeException(nameof(of), of, "There is no name for it."),
    };

    /// <summary>By its name; null where there is none of it.</summary>
    public static WebhookEvent? Find(string name)
    {
        foreach (var of in Enum.GetValues<WebhookEvent>())
        {
            if (string.Equals(Name(of), name, StringComparison.Ordinal))
            {
                return of;
            }
        }

        return null;
    }
}
