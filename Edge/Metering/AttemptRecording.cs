using System.Collections.Immutable;
using Sluice.Edge.Metering.Journal;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Metering;

/// <summary>Which attempt of which request is asked for.</summary>
/// <param name="RequestId">As the client is told.</param>
/// <param name="Number">1, 2, 3 … within the request.</param>
/// <param name="ArrivedAt">The timestamp of the request's arrival.</param>
/// <param name="Target">What is tried, as <c>provider/model</c>; empty for plain routes.</param>
/// <param name="Tags">As the client gave them.</param>
/// <param name="IsRecorded">Whether it has a record also where it charges no budget.</param>
public readonly record struct Attempt(string RequestId, int Number, long ArrivedAt, string Target, ImmutableArray<string> Tags, bool IsRecorded)
{
    /// <summary>The prompt that it was asked with, and its version, as <c>name@version</c>; null: none.</summary>
    public string? Prompt { get; init; }
}

/// <summary>Writes the record of one attempt: at its beginning what it may use, at its end what it has used.</summary>
internal static class AttemptRecording
{
    /// <summary>The attempt is admitted, and nothing was sent yet.</summary>
    /// <param name="ledger">Where it goes.</param>
    /// <param name="caller">Null: without a key.</param>
    /// <param name="ask">What was asked for.</param>
    /// <param name="revision">Under which.</param>
    /// <param name="worst">What it may cost.</param>
    /// <param name="reserved">What it holds.</param>
    /// <param name="before">Where it stands already, with less.</param>
    public static BegunMark? Begin(UsageLedger ledger, KeyIdentity? caller, in Ask ask, long revision, Charge worst, ImmutableArray<LeaseCharge> reserved, BegunMark? before)
    {
        var arrived = ledger.Arrived(ask.Attempt.ArrivedAt, out _);
        var bounds = new Settlement(UsageSource.Reserved, new TokenCounts { Input = ask.InputTokens, Output = ask.OutputTokens }, ask.Attempt.Target ?? "", 0);
        return ledger.Begin(Make(ledger, caller, ask, revision, bounds, worst.Nano, arrived, null, arrived, reserved), before);
    }

    /// <summary>The attempt has ended.</summary>
    public static void End(
        UsageLedger ledger, KeyIdentity? caller, in Ask ask, long revision, in Settlement settlement, long nano, ImmutableArray<LeaseCharge> charges, long overdraft, BegunMark? begun)
    {
        var arrived = ledger.Arrived(ask.Attempt.ArrivedAt, out var now);
        var first = settlement.AnsweredAt == 0 ? (DateTimeOffset?)null : ledger.Arrived(settlement.AnsweredAt, out _);
        ledger.Settle(Make(ledger, caller, ask, revision, settlement, nano, arrived, first, now, charges, overdraft), begun);
    }

    private static AttemptRecord Make(
        UsageLedger ledger,
        KeyIdentity? caller,
        in Ask ask,
        long revision,
        in Settlement settlement,
        long nano,
        DateTimeOffset arrived,
        DateTimeOffset? first,
        DateTimeOffset ended,
        ImmutableArray<LeaseCharge> charges,
        long overdraft = 0) => new(
        ask.Attempt.RequestId ?? "",
        ask.Attempt.Number,
        caller?.Tenant ?? IEdgeUsageGrain.PublicTenant,
        caller?.KeyId ?? "",
        caller?.User ?? "",
        ask.Attempt.Tags.IsDefault ? [] : ask.Attempt.Tags,
        ask.Name,
        settlement.Target,
        ask.Attempt.Prompt ?? "",
        settlement.Tokens,
        nano,
        PriceNames.Of(ask.PriceName, settlement.IsBatch),
        settlement.Source,
        settlement.Status,
        arrived,
        first,
        ended,
        ledger.Edge,
        revision,
        charges)
    { Overdraft = overdraft, Units = settlement.UnitsOf(ask.Units), Saved = settlement.Saved };
}
