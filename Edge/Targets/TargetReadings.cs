using System.Collections.Immutable;
using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces.Calls;

namespace Sluice.Edge.Targets;

/// <summary>What this edge has measured of a model's targets, for those who ask why one was chosen. See docs/explain.md, "What edges measure".</summary>
internal sealed class TargetReadings(TargetTable table, ActiveRevision active)
{
    /// <summary>Of each target in declared order; none where the active revision has no such model.</summary>
    public ImmutableArray<TargetReading> Of(string name)
    {
        if (active.Current is not { } revision || !revision.Compilation.Plan.Models.TryGetValue(name, out var model))
        {
            return [];
        }

        var now = table.Now;
        var (states, asked) = table.Of(model, revision);
        return [.. model.Targets.Select((target, i) => new TargetReading(
            target.Label,
            asked[i].Sum(now),
            Volatile.Read(ref states[i].InFlight),
            states[i].Health.At(now),
            states[i].Health.ShutFor(now),
            SpanOf(states[i].FirstToken, now),
            SpanOf(states[i].WholeAnswer, now),
            states[i].Headroom.At(now)))];
    }

    private static TimeSpan? SpanOf(FirstTokenTime time, TimeSpan now) => time.KnownAt(now) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
