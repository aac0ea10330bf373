using System.Collections.Immutable;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces.Deferred;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Deferred;

/// <summary>Describes a work that is charged later: all that its charge needs when the revision that it began with, and this edge, are gone.</summary>
internal static class DeferredDescription
{
    /// <summary>A work.</summary>
    /// <param name="call">What asks for it.</param>
    /// <param name="amounts">The most that it can use.</param>
    /// <param name="budgets">That bind it.</param>
    /// <param name="time">The clock.</param>
    public static DeferredWork Of(DeferringCall call, DeferredAmounts amounts, IEnumerable<BudgetLevel> budgets, TimeProvider time)
    {
        var (revision, identity, prices) = (call.Arrival.Revision.Head.Revision, call.Caller.Identity, call.Target.Prices);
        return new DeferredWork(
            call.Arrival.RequestId,
            call.Target.Provider.Name,
            call.Model.Resource.Name,
            call.Target.Label,
            identity.KeyId,
            identity.User ?? "",
            call.Tags.IsDefault ? [] : call.Tags,
            revision,
            time.GetUtcNow() - time.GetElapsedTime(call.Arrival.At),
            amounts.Requests,
            amounts.Worst,
            amounts.WorstNano,
            amounts.Largest,
            amounts.LargestNano,
            prices is null ? null : DeferredPrices.Keep(prices.At(time.GetUtcNow()), prices.NameUnder(revision), prices.MarkUpOf(identity.Tenant)),
            [.. budgets.Select(b => b.Budget.Unit switch
            {
                BudgetUnit.Tokens => Level(b, DeferredUnit.Tokens, amounts.Worst.Input + amounts.Worst.Output),
                BudgetUnit.Money => Level(b, DeferredUnit.Money, amounts.WorstNano),
                _ => Level(b, DeferredUnit.Requests, amounts.Requests),
            })],
            call.Kind,
            call.Attempt);
    }

    private static DeferredBudget Level(BudgetLevel level, DeferredUnit unit, long amount) => new(level.Budget.Name, level.Meter.Subject, unit, amount);
}

/// <summary>What asks for a work.</summary>
/// <param name="Arrival">The request.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="Tags">As the client gave them.</param>
/// <param name="Model">What is asked for.</param>
/// <param name="Target">Who does it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Attempt">The number of its record.</param>
internal sealed record DeferringCall(Arrival Arrival, Caller Caller, ImmutableArray<string> Tags, CompiledModel Model, CompiledTarget Target, DeferredKind Kind, int Attempt);

/// <summary>The most that a work can use.</summary>
/// <param name="Requests">How many it has.</param>
/// <param name="Worst">Of all.</param>
/// <param name="WorstNano">Of all, in 10⁻⁹ US dollar.</param>
/// <param name="Largest">Of one.</param>
/// <param name="LargestNano">Of one.</param>
internal sealed record DeferredAmounts(long Requests, TokenCounts Worst, long WorstNano, TokenCounts Largest, long LargestNano);
