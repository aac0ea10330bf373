using System.Globalization;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>Words refusals for clients: which level, whom it binds, what is left, when it is worth another try.</summary>
internal static class Refusals
{
    private static readonly TimeSpan UnreachableRetry = TimeSpan.FromSeconds(1);

    public static Refusal BudgetSpent(BudgetResource budget, string subject, long needed, BorrowAnswer answer, DateTimeOffset now)
    {
        var reset = answer.WindowEndsIn is { } rest
            ? string.Create(CultureInfo.InvariantCulture, $" It resets at {now + rest:yyyy-MM-ddTHH:mm:ssZ}.")
            : " It does not reset by itself.";
        var left = Math.Max(0, answer.Left);
        return new Refusal(
            RefusalReason.BudgetSpent,
            $"Budget '{budget.Name}' of {subject}: {Amount(left, budget.Unit)} of {Amount(answer.Limit, budget.Unit)} can still be had, the request may need {Amount(needed, budget.Unit)}.{reset}",
            answer.WindowEndsIn);
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
        return new Refusal(RefusalReason.RateLimited, $"Limit '{limit.Name}' of {subject}: {what}.{retry}", wait);
    }

    public static Refusal Unreachable(string kind, string name, string subject) =>
        new(RefusalReason.Unreachable, $"{kind} '{name}' of {subject} could not be checked in time.", UnreachableRetry);

    private static string Rate(Rate? rate, string what) => rate is null
        ? $"the {what} of this limit"
        : $"{rate.Amount} {what} a {(rate.Per.TotalHours >= 1 ? "hour" : rate.Per.TotalMinutes >= 1 ? "minute" : "second")}";

    private static string Amount(long amount, BudgetUnit unit) => unit switch
    {
        BudgetUnit.Money => string.Create(CultureInfo.InvariantCulture, $"{amount / 1_000_000_000m:0.#########} USD"),
        BudgetUnit.Tokens => string.Create(CultureInfo.InvariantCulture, $"{amount} tokens"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{amount} requests"),
    };
}
