using System.Diagnostics;

namespace Sluice.Grains.Interfaces.Metrics;

/// <summary>Which requests are traced, and what their spans may have beyond what is harmless. See docs/tracing.md.</summary>
/// <param name="Ratio">The part of the requests that begin a trace, 0 to 1.</param>
/// <param name="FollowsParent">Whether a request that comes with a trace's context is traced as that says, whatever the ratio.</param>
/// <param name="Tells">What spans have besides, by opt-in.</param>
public sealed record TraceRule(double Ratio, bool FollowsParent, TraceDetails Tells)
{
    private const int LongestState = 512;

    /// <summary>Whether a request is traced.</summary>
    /// <param name="given">Its <c>traceparent</c>; null: none, or several.</param>
    /// <param name="state">Its <c>tracestate</c>; null: none.</param>
    /// <param name="chance">0 to below 1, at random.</param>
    /// <param name="parent">Of which trace it is a part; default: it begins one. What is not as W3C's trace context has it counts as not given.</param>
    public bool Takes(string? given, string? state, double chance, out ActivityContext parent)
    {
        if (given is null || !ActivityContext.TryParse(given, state?.Length <= LongestState ? state : null, isRemote: true, out parent))
        {
            parent = default;
            return chance < Ratio;
        }

        return FollowsParent ? parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) : chance < Ratio;
    }
}

/// <summary>What spans tell by opt-in alone.</summary>
[Flags]
public enum TraceDetails
{
    /// <summary>Nothing of it.</summary>
    None = 0,

    /// <summary>The tenant's name.</summary>
    Tenant = 1,

    /// <summary>The key's id, which is no secret.</summary>
    Key = 2,

    /// <summary>The user's name.</summary>
    User = 4,

    /// <summary>The path of requests of plain routes, which some services put secrets into.</summary>
    Path = 8,
}
