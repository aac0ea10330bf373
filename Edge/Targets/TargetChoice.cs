using System.Globalization;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Targets;

/// <summary>What chooses among the targets that may be asked.</summary>
/// <param name="Draw">From 0 to below 1.</param>
/// <param name="StickyValue">What keeps the caller on one target; null: <paramref name="Draw"/> decides.</param>
/// <param name="Costs">What the request costs at most, by target; null where nobody asks.</param>
/// <param name="IsStream">Whether a stream is asked for.</param>
/// <param name="Now">The time.</param>
internal readonly record struct ChoiceBasis(double Draw, string? StickyValue, long[]? Costs, bool IsStream, TimeSpan Now);

/// <summary>The strategies: which of a model's targets is asked. Plain rules, on what is given.</summary>
internal static class TargetChoice
{
    /// <summary>The index of the best target whose bit is set in <paramref name="among"/>; -1: there is none.</summary>
    public static int Choose(CompiledModel model, ReadOnlySpan<TargetState> states, ulong among, in ChoiceBasis basis)
    {
        var strategy = model.Resource.Strategy;
        if (strategy is TargetStrategy.Priority)
        {
            among = LowestOf(model, among);
        }

        if (strategy is TargetStrategy.Weighted or TargetStrategy.Priority)
        {
            return ByWeight(model, among, basis.Draw);
        }

        var (best, bestScore) = (-1, double.PositiveInfinity);
        for (var i = 0; i < states.Length; i++)
        {
            if ((among & (1UL << i)) == 0)
            {
                continue;
            }

            // Of two that are alike the first one.
            var score = Score(model.Targets[i], states[i], i, strategy, basis);
            if (score < bestScore)
            {
                (best, bestScore) = (i, score);
            }
        }

        return best;
    }

    // The less the better.
    private static double Score(CompiledTarget target, TargetState state, int index, TargetStrategy strategy, in ChoiceBasis basis) => strategy switch
    {
        TargetStrategy.LeastLatency => (basis.IsStream ? state.FirstToken : state.WholeAnswer).At(basis.Now) * (1 + Volatile.Read(ref state.InFlight)),
        TargetStrategy.LeastUsed => state.UseAt(basis.Now),
        TargetStrategy.Cheapest => basis.Costs![index],
        _ => Distance(target, basis),
    };

    private static double Distance(CompiledTarget target, in ChoiceBasis basis)
    {
        if (basis.StickyValue is { } value)
        {
            return target.DistanceOf(value);
        }

        Span<char> drawn = stackalloc char[32];
        basis.Draw.TryFormat(drawn, out var length, default, CultureInfo.InvariantCulture);
        return target.DistanceOf(drawn[..length]);
    }

    private static ulong LowestOf(CompiledModel model, ulong among)
    {
        var (lowest, chosen) = (int.MaxValue, 0UL);
        for (var i = 0; i < model.Targets.Length; i++)
        {
            var bit = among & (1UL << i);
            var priority = model.Targets[i].Target.Priority;
            if (bit != 0 && priority <= lowest)
            {
                chosen = priority < lowest ? bit : chosen | bit;
                lowest = priority;
            }
        }

        return chosen;
    }

    private static int ByWeight(CompiledModel model, ulong among, double draw)
    {
        var sum = 0L;
        for (var i = 0; i < model.Targets.Length; i++)
        {
            sum += (among & (1UL << i)) != 0 ? model.Targets[i].Target.Weight : 0;
        }

        var point = (long)(draw * sum);
        for (var i = 0; i < model.Targets.Length; i++)
        {
            var weight = (among & (1UL << i)) != 0 ? model.Targets[i].Target.Weight : 0;
            if (point < weight)
            {
                return i;
            }

            point -= weight;
        }

        return -1;
    }
}
