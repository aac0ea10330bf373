using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Grains.Rollouts.Evidence;

namespace Sluice.Grains.Rollouts;

/// <summary>
/// Judges what was counted of the two parts of a split. A guard fails only where the new part is worse than allowed beyond doubt, by bounds that hold however often one
/// looks. What may go wrong by chance is divided (Bonferroni): the rollout's α over its guards and steps, a guard's over the bounds of the two parts. Plain rules.
/// </summary>
public static class Guards
{
    private const double Million = 1_000_000;
    private const double Thousand = 1_000;

    /// <summary>How each declared guard stands.</summary>
    public static ImmutableArray<GuardStanding> Judge(RolloutSpec spec, PartFigures old, PartFigures next)
    {
        var guards = spec.Guards;
        var count = new object?[] { guards.ErrorRate, guards.Latency, guards.CostRatio, guards.Refusals, guards.MissingUsage }.Count(g => g is not null);
        if (count == 0)
        {
            return [];
        }

        var alpha = spec.Alpha / count / spec.Steps.Length / 2;
        var standings = ImmutableArray.CreateBuilder<GuardStanding>(count);
        AddRate("errorRate", "failed", guards.ErrorRate, f => f.Failures);
        if (guards.Latency is { } latency)
        {
            standings.Add(latency.Quantile is { } quantile
                ? OfQuantile(quantile, latency.Ratio, old, next, alpha)
                : OfMean("latency", latency.Ratio, f => f.Latency, Thousand, "ms", old, next, alpha));
        }

        if (guards.CostRatio is { } ratio)
        {
            standings.Add(OfMean("cost", ratio, f => f.Cost, Thousand * Million, "USD", old, next, alpha));
        }

        AddRate("refusals", "were refused", guards.Refusals, f => f.Refusals);
        AddRate("missingUsage", "told no usage", guards.MissingUsage, f => f.MissingUsage);
        return standings.ToImmutable();

        void AddRate(string name, string what, double? worse, Func<PartFigures, long> hits)
        {
            if (worse is { } allowed)
            {
                // An edge that counts wrongly must not keep the guards from looking.
                standings.Add(OfRate(
                    name, what, allowed, Math.Clamp(hits(old), 0, Math.Max(0, old.Requests)), old.Requests, Math.Clamp(hits(next), 0, Math.Max(0, next.Requests)), next.Requests, alpha));
            }
        }
    }

    private static GuardStanding OfRate(string name, string what, double worse, long oldHits, long oldAll, long newHits, long newAll, double alpha)
    {
        if (oldAll <= 0 || newAll <= 0)
        {
            return Waiting(name);
        }

        var (most, least) = (RateBounds.Upper(oldHits, oldAll, alpha), RateBounds.Lower(newHits, newAll, alpha));
        var bound = most + worse;
        return new GuardStanding(
            name,
            least > bound ? GuardVerdict.Failed : GuardVerdict.Holding,
            new Estimate((double)oldHits / oldAll, most),
            new Estimate((double)newHits / newAll, least),
            bound,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{newHits} of {newAll} {what} on the new part, {oldHits} of {oldAll} on the old one: the new rate is surely at least {least:P2}, the old one at most {most:P2}, and {worse:P2} more is allowed"));
    }

    private static GuardStanding OfQuantile(double quantile, double ratio, PartFigures old, PartFigures next, double alpha)
    {
        if (QuantileBounds.Value(old.Latency, quantile) is not { } before || QuantileBounds.Value(next.Latency, quantile) is not { } now)
        {
            return Waiting("latency");
        }

        var (most, least) = (QuantileBounds.Upper(old.Latency, quantile, alpha), QuantileBounds.Lower(next.Latency, quantile, alpha));
        return OfRatio("latency", string.Create(CultureInfo.InvariantCulture, $"the {quantile:0.###} quantile of the latency"), "ms", Thousand, ratio, new Estimate(before, most), new Estimate(now, least));
    }

    private static GuardStanding OfMean(
        string name, double ratio, Func<PartFigures, ImmutableArray<Bucket>> histogram, double unit, string symbol, PartFigures old, PartFigures next, double alpha)
    {
        var cap = MeanBounds.Cap(histogram(old), histogram(next));
        return MeanBounds.Of(histogram(old), cap, alpha) is { } before && MeanBounds.Of(histogram(next), cap, alpha) is { } now
            ? OfRatio(
                name,
                $"the mean {name}",
                symbol,
                unit,
                ratio,
                new Estimate(before.Mean, double.IsFinite(before.Radius) ? before.Mean + before.Radius : null),
                new Estimate(now.Mean, double.IsFinite(now.Radius) ? Math.Max(0, now.Mean - now.Radius) : null))
            : Waiting(name);
    }

    private static GuardStanding OfRatio(string name, string what, string symbol, double unit, double ratio, Estimate old, Estimate next)
    {
        double? bound = old.Limit is { } most ? most * ratio / unit : null;
        var (before, now) = (In(old, unit), In(next, unit));
        var verdict = bound is not { } allowed || now.Limit is not { } least ? GuardVerdict.Waiting : least > allowed ? GuardVerdict.Failed : GuardVerdict.Holding;
        return new GuardStanding(name, verdict, before, now, bound, string.Create(
            CultureInfo.InvariantCulture,
            $"{what} is {now.Value:G4} {symbol} on the new part, {before.Value:G4} {symbol} on the old one: surely at least {Say(now.Limit)} and at most {Say(before.Limit)}, and {ratio:0.###} times as much is allowed"));

        string Say(double? limit) => limit is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known:G4} {symbol}") : "anything yet";
    }

    private static Estimate In(Estimate estimate, double unit) => new(estimate.Value / unit, estimate.Limit / unit);

    private static GuardStanding Waiting(string name) => new(name, GuardVerdict.Waiting, default, default, null, "nothing was counted of one of the parts yet");
}
