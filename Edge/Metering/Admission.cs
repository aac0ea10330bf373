using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>The worst that a request may use.</summary>
/// <param name="Name">Model name, or <c>route/</c> and the route's name: for the usage record.</param>
/// <param name="InputTokens">A proven upper bound; 0 for plain routes.</param>
/// <param name="OutputTokens">The cap; 0 for plain routes and embeddings.</param>
/// <param name="Price">Null: costs nothing.</param>
public readonly record struct Ask(string Name, long InputTokens, long OutputTokens, Price? Price)
{
    /// <summary>What is added to the price for the caller, in parts per million.</summary>
    public int MarkUp { get; init; }

    /// <summary>What it costs, in 10⁻⁹ US dollar, where that is known before: of a kept answer; null: by what it uses, at the price.</summary>
    public long? Fixed { get; init; }

    /// <summary>What tokens it may have besides text.</summary>
    public TokenKinds Kinds { get; init; }

    /// <summary>The most that it can use besides tokens; of pictures, what is asked for. Null: nothing.</summary>
    public UnitCounts? Units { get; init; }

    /// <summary>The price's table and its version, as <c>acme@42</c>; null: without a price.</summary>
    public string? PriceName { get; init; }

    /// <summary>Asked where it does not fit; null: the bound is as tight as it gets.</summary>
    public ITighterBound? Tighter { get; init; }

    /// <summary>How many answers the output is for, each with the same cap, where that may be lowered to what a budget covers; 0: it may not.</summary>
    public long Answers { get; init; }

    /// <summary>Whether the answer is streamed, so that it can be ended where no more of it is covered.</summary>
    public bool IsStreamed { get; init; }

    /// <summary>Whether it is a part of a request that was let in already: it takes tokens and money, and counts as no request.</summary>
    public bool IsPart { get; init; }

    /// <summary>Whether it was used already, so that no hard budget refuses it: usage is a fact.</summary>
    public bool IsOwed { get; init; }

    /// <summary>Among whose answers its own is counted: what is tried or, where that has no name, the model.</summary>
    internal string SizesOf => Attempt.Target is { Length: > 0 } target ? target : Name;

    /// <summary>Which attempt asks.</summary>
    public Attempt Attempt { get; init; }
}

/// <summary>Exactly one of the two is set.</summary>
public readonly record struct Admission(Reservation? Reservation, Refusal? Refusal);

/// <summary>Why a request is not admitted.</summary>
/// <param name="Reason">What kind of refusal.</param>
/// <param name="Message">Names the limit or budget, its subject, what is left and when it resets; for the client.</param>
/// <param name="RetryAfter">When it is worth another try; null: unknown.</param>
/// <param name="By">The limit or budget, as <c>Kind/name</c>.</param>
public sealed record Refusal(RefusalReason Reason, string Message, TimeSpan? RetryAfter, string By);

/// <summary>Kinds of refusals.</summary>
public enum RefusalReason
{
    /// <summary>A rate or concurrency limit: 429 <c>rate_limit_exceeded</c>.</summary>
    RateLimited,

    /// <summary>A budget: 429 <c>insufficient_quota</c>.</summary>
    BudgetSpent,

    /// <summary>No lease covers it and no silo answered: 503.</summary>
    Unreachable,
}

/// <summary>What a request used. With source <see cref="UsageSource.Reserved"/> the token figures are ignored and the whole reservation is charged; with <see cref="UsageSource.None"/> only the request counts, and with <see cref="UsageSource.Cached"/> what was fixed for it besides.</summary>
/// <param name="Tokens">By kind.</param>
/// <param name="Target"><c>provider/model</c>; empty for plain routes.</param>
/// <param name="Status">What the client saw; 499 where it left.</param>
public readonly record struct Settlement(UsageSource Source, TokenCounts Tokens, string Target, int Status)
{
    /// <summary>What it used besides tokens, where the answer tells; null: it tells nothing, and what was asked for counts.</summary>
    public UnitCounts? Units { get; init; }

    /// <summary>What counts besides tokens.</summary>
    /// <param name="asked">What was asked for.</param>
    public UnitCounts? UnitsOf(UnitCounts? asked) => Source is UsageSource.None ? null : Units ?? asked;

    /// <summary>What was not used, for a kept answer was given.</summary>
    public SavedUse Saved { get; init; }

    /// <summary>Whether the provider served at its batch rate.</summary>
    public bool IsBatch { get; init; }

    /// <summary>Whether the gateway ended the answer, for no more of it was covered.</summary>
    public bool IsCut { get; init; }

    /// <summary>Whether another attempt of the same request follows: a request counts once, however many attempts it takes.</summary>
    public bool IsFollowed { get; init; }

    /// <summary>The timestamp of the answer's first byte; 0: there was none, or it was of no interest.</summary>
    public long AnsweredAt { get; init; }

    /// <summary>The timestamp of a stream's first event; 0: there was none, or it was no stream.</summary>
    public long FirstTokenAt { get; init; }
}

/// <summary>Values of <c>x-ratelimit-limit-requests</c> and its siblings: null ones are left out.</summary>
public readonly record struct RateHeaders(
    long? LimitRequests, long? RemainingRequests, TimeSpan? ResetRequests, long? LimitTokens, long? RemainingTokens, TimeSpan? ResetTokens)
{
    /// <summary>Of two limits what is left of each kind, where less of its limit is left.</summary>
    public RateHeaders Tightest(RateHeaders other)
    {
        var requests = Share(RemainingRequests, LimitRequests) <= Share(other.RemainingRequests, other.LimitRequests) ? this : other;
        var tokens = Share(RemainingTokens, LimitTokens) <= Share(other.RemainingTokens, other.LimitTokens) ? this : other;
        return new RateHeaders(
            requests.LimitRequests, requests.RemainingRequests, requests.ResetRequests, tokens.LimitTokens, tokens.RemainingTokens, tokens.ResetTokens);
    }

    private static double Share(long? remaining, long? limit) => remaining is { } left && limit is > 0 ? (double)left / limit.Value : double.MaxValue;
}
