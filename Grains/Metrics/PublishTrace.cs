using System.Diagnostics;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Metrics;

namespace Sluice.Grains.Metrics;

/// <summary>The span of a publish that made a revision, and one for each of its phases, made once their times are known.</summary>
public static class PublishTrace
{
    private static readonly string[] Order = ["check", "store", "prepare", "commit", "barrier"];

    /// <summary>Of all spans of silos.</summary>
    public static ActivitySource Source { get; } = new(TraceSources.Silo);

    /// <summary>Tells of a publish that has just ended.</summary>
    internal static void Tell(PublishOutcome.Published published, string via, DateTimeOffset now)
    {
        if (!Source.HasListeners())
        {
            return;
        }

        var at = now - TimeSpan.FromTicks(published.Phases.Values.Sum(p => p.Ticks));
        KeyValuePair<string, object?>[] tags = [new("sluice.revision.number", published.Head.Revision), new("sluice.publish.via", via), new("sluice.publish.partial", published.Barrier.State is BarrierState.Partial)];
        using var whole = Source.StartActivity(ActivityKind.Internal, parentContext: default, tags, links: null, at, "publish");
        if (whole is null)
        {
            return;
        }

        foreach (var phase in Order)
        {
            if (published.Phases.TryGetValue(phase, out var took))
            {
                using var part = Source.StartActivity(ActivityKind.Internal, whole.Context, tags: null, links: null, at, phase);
                at += took;
                part?.SetEndTime(at.UtcDateTime);
            }
        }

        whole.SetEndTime(now.UtcDateTime);
    }
}
