using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Calls;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Compiled;

namespace Sluice.Revisions.WhatIf;

/// <summary>Follows kept calls through two revisions, and tells what would become of them differently. Plain code: no call is made again.</summary>
public static class Replay
{
    /// <summary>Compares. Calls of which the revisions look at something that was not kept are told apart, and count as neither changed nor the same.</summary>
    /// <param name="active">What calls meet now.</param>
    /// <param name="candidate">What they would meet.</param>
    /// <param name="calls">The calls.</param>
    /// <param name="standings">How the callers' tenants stand to products; those that are not there have no subscription.</param>
    public static ReplayResult Run(Plan active, Plan candidate, IEnumerable<SampledCall> calls, IReadOnlyDictionary<string, ImmutableArray<ProductStanding>>? standings = null)
    {
        standings ??= ImmutableDictionary<string, ImmutableArray<ProductStanding>>.Empty;
        var groups = new Dictionary<(ReplayAspect Aspect, string? From, string? To), Tally>();
        var unknown = new Dictionary<string, Tally>(StringComparer.Ordinal);
        double looked = 0, changed = 0;
        var missing = new SortedSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (call, standsFor) in calls)
        {
            missing.Clear();
            looked += standsFor;
            var (before, after) = (CallOutcome.Of(active, call, standings, missing), CallOutcome.Of(candidate, call, standings, missing));
            if (missing.Count > 0)
            {
                Of(unknown, string.Join(", ", missing)).Add(call, standsFor);
                continue;
            }

            var differs = false;
            foreach (var (aspect, from, to) in Compare(before, after))
            {
                differs = true;
                var tally = Of(groups, (aspect, from, to));
                tally.Add(call, standsFor);
                if (aspect is ReplayAspect.Price)
                {
                    tally.AddCost(CostOf(before, call) * standsFor, CostOf(after, call) * standsFor);
                }
            }

            changed += differs ? standsFor : 0;
        }

        return new ReplayResult(
            Whole(looked),
            Whole(changed),
            [.. groups
                .Select(g => new ReplayGroup(g.Key.Aspect, g.Key.From, g.Key.To, Whole(g.Value.Calls), g.Value.Example!, g.Value.CostBefore, g.Value.CostAfter))
                .OrderBy(g => g.Aspect).ThenByDescending(g => g.Calls).ThenBy(g => g.From, StringComparer.Ordinal).ThenBy(g => g.To, StringComparer.Ordinal)],
            [.. unknown.Select(u => new ReplayUnknown(u.Key, Whole(u.Value.Calls))).OrderByDescending(u => u.Calls)]);
    }

    private static IEnumerable<(ReplayAspect Aspect, string? From, string? To)> Compare(CallOutcome before, CallOutcome after)
    {
        if (before.Refusal is not null || after.Refusal is not null)
        {
            if (!string.Equals(before.Refusal, after.Refusal, StringComparison.Ordinal))
            {
                yield return (after.Refusal is null ? ReplayAspect.Served : ReplayAspect.Refused, before.Refusal ?? Name(before), after.Refusal ?? Name(after));
            }

            yield break;
        }

        if (!string.Equals(before.Place, after.Place, StringComparison.Ordinal))
        {
            yield return (ReplayAspect.Route, Name(before), Name(after));
        }
        else if (!string.Equals(before.Part, after.Part, StringComparison.Ordinal))
        {
            yield return (ReplayAspect.Part, Name(before), Name(after));
        }
        else if (!string.Equals(before.Addresses, after.Addresses, StringComparison.Ordinal))
        {
            yield return (ReplayAspect.Address, $"{before.Part} at {before.Addresses}", $"{after.Part} at {after.Addresses}");
        }

        if (!before.Limits.SequenceEqual(after.Limits, StringComparer.Ordinal))
        {
            yield return Other(ReplayAspect.Limits, before.Limits, after.Limits);
        }

        if (!before.Budgets.SequenceEqual(after.Budgets, StringComparer.Ordinal))
        {
            yield return Other(ReplayAspect.Budgets, before.Budgets, after.Budgets);
        }

        if (before.Price != after.Price || before.MarkUp != after.MarkUp)
        {
            yield return (ReplayAspect.Price, PolicyText.Of(before.Price, before.MarkUp), PolicyText.Of(after.Price, after.MarkUp));
        }
    }

    private static (ReplayAspect Aspect, string? From, string? To) Other(ReplayAspect aspect, ImmutableArray<string> before, ImmutableArray<string> after) =>
        (aspect, Join(before.Except(after, StringComparer.Ordinal)), Join(after.Except(before, StringComparer.Ordinal)));

    private static string? Join(IEnumerable<string> texts) => string.Join("; ", texts) is { Length: > 0 } text ? text : null;

    private static string? Name(CallOutcome outcome) => outcome.Part is { } part ? $"{outcome.Place} → {part}" : outcome.Place;

    private static double CostOf(CallOutcome outcome, CallRecord call) =>
        outcome.Price is { } price
            ? Costs.Of(price, call.Tokens, outcome.MarkUp, units: call.Units)
            : 0;

    private static long Whole(double calls) => (long)Math.Round(calls);

    private static Tally Of<TKey>(Dictionary<TKey, Tally> tallies, TKey key)
        where TKey : notnull
    {
        if (!tallies.TryGetValue(key, out var tally))
        {
            tallies.Add(key, tally = new Tally());
        }

        return tally;
    }

    private sealed class Tally
    {
        public double Calls { get; private set; }

        public CallRecord? Example { get; private set; }

        public double? CostBefore { get; private set; }

        public double? CostAfter { get; private set; }

        public void Add(CallRecord call, double standsFor)
        {
            Calls += standsFor;
            Example ??= call;
        }

        public void AddCost(double before, double after) => (CostBefore, CostAfter) = ((CostBefore ?? 0) + before, (CostAfter ?? 0) + after);
    }
}

/// <summary>What of a call's outcome would change.</summary>
public enum ReplayAspect
{
    /// <summary>It would be refused, or refused for another reason.</summary>
    Refused,

    /// <summary>It is refused now, and would not be.</summary>
    Served,

    /// <summary>Another route or model.</summary>
    Route,

    /// <summary>Another part of the route's split, or another target of the model.</summary>
    Part,

    /// <summary>The same part or target at another address.</summary>
    Address,

    /// <summary>Other limits, or other amounts of them.</summary>
    Limits,

    /// <summary>Other budgets, or other amounts of them.</summary>
    Budgets,

    /// <summary>Another price.</summary>
    Price,
}

/// <summary>What would change.</summary>
/// <param name="Looked">For how many calls the ones that were looked at stand.</param>
/// <param name="Changed">How many of them would have another outcome in any aspect.</param>
/// <param name="Groups">By aspect, then the most calls first.</param>
/// <param name="Unknown">Calls of which nobody can say.</param>
public sealed record ReplayResult(long Looked, long Changed, ImmutableArray<ReplayGroup> Groups, ImmutableArray<ReplayUnknown> Unknown);

/// <summary>Calls that would change in the same way.</summary>
/// <param name="From">What it is now; null: nothing.</param>
/// <param name="To">What it would be; null: nothing.</param>
/// <param name="Calls">How many.</param>
/// <param name="Example">One of them.</param>
/// <param name="CostBefore">With another price: what these calls cost now, in 10⁻⁹ of a US dollar.</param>
/// <param name="CostAfter">With another price: what they would cost.</param>
public sealed record ReplayGroup(ReplayAspect Aspect, string? From, string? To, long Calls, CallRecord Example, double? CostBefore, double? CostAfter);

/// <summary>Calls of which nobody can say.</summary>
/// <param name="Names">What a revision looks at and was not kept.</param>
/// <param name="Calls">How many.</param>
public sealed record ReplayUnknown(string Names, long Calls);
