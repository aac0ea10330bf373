using System.Globalization;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Revisions.Resources;
using Sluice.Revisions.WhatIf;

namespace Sluice.Edge.Metering;

/// <summary>Words refusals for clients: which level, whom it binds, what is left, when it is worth another try.</summary>
internal static class Refusals
{
    private static readonly TimeSpan UnknownRetry = TimeSpan.FromSeconds(1);

    /// <summary>A wait that is not known is taken as a second.</summary>
    public static TimeSpan Soon(TimeSpan wait) => wait > TimeSpan.Zero ? wait : UnknownRetry;

    public static Refusal BudgetSpent(BudgetResource budget, string subject, long needed, BorrowAnswer answer, DateTimeOffset now)
    {
        var reset = answer.ResetsIn is { } rest
            ? string.Create(CultureInfo.InvariantCulture, $" It resets at {now + rest:yyyy-MM-ddTHH:mm:ssZ}.")
            : " It does not reset by itself.";
        var left = Math.Max(0, answer.Left);
        return new Refusal(
            RefusalReason.BudgetSpent,
            $"Budget '{budget.Name}' of {subject}: {PolicyText.Amount(left, budget.Unit)} of {PolicyText.Amount(answer.Limit, budget.Unit)} can still be had, the request may need {PolicyText.Amount(needed, budget.Unit)}.{reset}",
            answer.ResetsIn,
            $"Budget/{budget.Name}");
    }

    public static Refusal RateLimited(LimitResource limit, string subject, RateOutcome outcome, long tokens, TimeSpan? wait)
    {
        var what = outcome.Kind switch
        {
            RateKind.Concurrent => $"{limit.Concurrent} requests at one time are under way",
            RateKind.Tokens when wait is null => $"the request may need {tokens} tokens, at most {limit.Tokens?.Burst} are let through at once",
            RateKind.Tokens => $"{Rate(limit.Tokens, "tokens")} are used up, the request may need {tokens}",
            _ => $"{Rate(limit.Requests, "requests")} are used up",
        };
        var retry = wait is { } span ? string.Create(CultureInfo.InvariantCulture, $" Try again in {Math.Ceiling(span.TotalMilliseconds)} ms.") : "";
        return new Refusal(RefusalReason.RateLimited, $"Limit '{limit.Name}' of {subject}: {what}.{retry}", wait, $"Limit/{limit.Name}");
    }

    public static Refusal Unreachable(string kind, string name, string subject) =>
        new(RefusalReason.Unreachable, $"{kind} '{name}' of {subject} could not be checked in time.", UnknownRetry, $"{kind}/{name}");

    private static string Rate(Rate? rate, string what) => rate is null ? $"the {what} of this limit" : PolicyText.Of(rate, what);
}
