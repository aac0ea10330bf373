using System.Globalization;
using Sluice.Grains.Interfaces.Effects;

namespace Sluice.Silo.Admin;

/// <summary>How requests went in the five minutes before and after a revision, over all edges.</summary>
/// <param name="Revision">The number.</param>
/// <param name="Since">When the first edge told that it runs it.</param>
/// <param name="Open">True: the five minutes after are not over.</param>
/// <param name="Before">Under revisions before it.</param>
/// <param name="After">Under it.</param>
/// <param name="Worse">What is surely worse, beyond chance: <c>errors</c>, <c>refused</c>; empty: nothing.</param>
public sealed record EffectAnswer(long Revision, DateTimeOffset Since, bool Open, EffectSideAnswer Before, EffectSideAnswer After, IReadOnlyList<string> Worse)
{
    /// <summary>As the API tells it.</summary>
    internal static EffectAnswer Of(RevisionEffect effect) => new(
        effect.Revision,
        effect.Since,
        effect.IsOpen,
        EffectSideAnswer.Of(effect.Before),
        EffectSideAnswer.Of(effect.After),
        [.. new[] { EffectVerdict.Errors, EffectVerdict.Refused }.Where(v => effect.Worse.HasFlag(v)).Select(v => v.ToString().ToLowerInvariant())]);
}

/// <summary>One side of the comparison.</summary>
/// <param name="Requests">Requests that ended.</param>
/// <param name="Errors">Of these: answered 5xx, or cut off after the answer had begun.</param>
/// <param name="ErrorRate">0 to 1; null without requests.</param>
/// <param name="Refused">Of these: answered 4xx.</param>
/// <param name="RefusedRate">0 to 1; null without requests.</param>
/// <param name="Left">Of these: the client left before the end.</param>
/// <param name="P50">The median of the time from arrival to the answer's end, known to 12.5 %: <c>4.1ms</c>; null: nothing was measured.</param>
/// <param name="P99">The 99th percentile, likewise.</param>
public sealed record EffectSideAnswer(long Requests, long Errors, double? ErrorRate, long Refused, double? RefusedRate, long Left, string? P50, string? P99)
{
    internal static EffectSideAnswer Of(EffectSide side) => new(
        side.Requests, side.Errors, Rate(side.Errors, side.Requests), side.Refused, Rate(side.Refused, side.Requests), side.Left, Milliseconds(side.Median), Milliseconds(side.P99));

    private static double? Rate(long part, long all) => all > 0 ? Math.Round((double)part / all, 6) : null;

    private static string? Milliseconds(TimeSpan? time) => time is { } span ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0.###}ms") : null;
}
