using Sluice.Edge.Metering;

namespace Sluice.Edge.Pipeline;

/// <summary>Step 3, admit: what a client is told when limits or budgets do not let its request in.</summary>
internal static class RefusalErrors
{
    /// <summary>The error for a refusal.</summary>
    public static ClientError Tell(Refusal refusal) => Of(refusal) with { By = refusal.By };

    private static ClientError Of(Refusal refusal) => refusal.Reason switch
    {
        RefusalReason.RateLimited => new ClientError(429, refusal.Message, "rate_limit_exceeded", RetryAfter: refusal.RetryAfter),
        RefusalReason.BudgetSpent => new ClientError(429, refusal.Message, "insufficient_quota", RetryAfter: refusal.RetryAfter),
        _ => new ClientError(503, refusal.Message, "service_unavailable", RetryAfter: refusal.RetryAfter),
    };
}
