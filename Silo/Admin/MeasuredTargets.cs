using Sluice.Grains.Interfaces.Calls;

namespace Sluice.Silo.Admin;

/// <summary>What edges have measured of a target.</summary>
/// <param name="Asked">Attempts that it was sent for this model in the last five minutes, by all edges that told.</param>
/// <param name="Share">Of those of all of the model's targets, from 0 to 1; null: there were none.</param>
/// <param name="Edges">What each edge goes by.</param>
public sealed record MeasuredTarget(long Asked, double? Share, IReadOnlyList<EdgeMeasure> Edges);

/// <summary>What one edge has measured of a target.</summary>
/// <param name="Edge">The start of the edge.</param>
/// <param name="Asked">Attempts that it sent there for this model in the last five minutes.</param>
/// <param name="UnderWay">Attempts that have not ended, for whatever model.</param>
/// <param name="Standing">Whether it is asked.</param>
/// <param name="ShutSeconds">How long it is not asked yet; null: it is, or may be.</param>
/// <param name="FirstTokenMs">The mean time until its streams begin; null: none did.</param>
/// <param name="WholeAnswerMs">The mean time until its whole answers begin; null: none did.</param>
/// <param name="RateLeft">What is left of the tightest rate that its provider tells, from 0 to 1.</param>
public sealed record EdgeMeasure(string Edge, long Asked, int UnderWay, TargetStanding Standing, double? ShutSeconds, double? FirstTokenMs, double? WholeAnswerMs, double RateLeft);

/// <summary>Puts what edges have measured of a model's targets beside what a revision makes of them.</summary>
internal static class MeasuredTargets
{
    /// <summary>The model with what was measured.</summary>
    public static ExplainedModel With(ExplainedModel model, GatheredCalls gathered)
    {
        var readings = gathered.Edges.Where(e => !e.Targets.IsDefault).SelectMany(e => e.Targets.Select(reading => (e.Edge, Reading: reading))).ToLookup(r => r.Reading.Target, StringComparer.Ordinal);
        var all = readings.Sum(target => target.Sum(r => r.Reading.Asked));
        return model with
        {
            Targets = [.. model.Targets.Select(target => target with { Measured = Of(readings[$"{target.Provider}/{target.Model}"].ToList(), all) })],
            Silent = [.. gathered.Silent, .. gathered.Edges.Where(e => e.Targets.IsDefault).Select(e => e.Edge)],
        };
    }

    private static MeasuredTarget Of(List<(string Edge, TargetReading Reading)> readings, long all)
    {
        var asked = readings.Sum(r => r.Reading.Asked);
        return new MeasuredTarget(asked, all > 0 ? (double)asked / all : null, [.. readings.Select(r => Of(r.Edge, r.Reading))]);
    }

    private static EdgeMeasure Of(string edge, TargetReading told) => new(
        edge, told.Asked, told.UnderWay, told.Standing, Rounded(told.ShutFor?.TotalSeconds), Rounded(told.FirstToken?.TotalMilliseconds), Rounded(told.WholeAnswer?.TotalMilliseconds), Math.Round(told.RateLeft, 4));

    private static double? Rounded(double? figure) => figure is { } known ? Math.Round(known, 1) : null;
}
