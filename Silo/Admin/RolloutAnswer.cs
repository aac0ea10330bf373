using System.Collections.Immutable;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Revisions.Reading;

namespace Sluice.Silo.Admin;

/// <summary>All rollouts.</summary>
public sealed record RolloutList(IReadOnlyList<RolloutItem> Items);

/// <summary>A rollout in a list.</summary>
/// <param name="Step">From 1; 0: none is published yet.</param>
public sealed record RolloutItem(string Name, string? Route, string? Model, string From, string To, RolloutState State, int Step, int Steps, int? Share, string? Canary)
{
    internal static RolloutItem Of(RolloutStatus s) =>
        new(s.Name, RolloutAnswer.NameOf(s, SplitKind.Route), RolloutAnswer.NameOf(s, SplitKind.Model), s.Spec.From, s.Spec.To, s.State, s.Step, s.Spec.Steps.Length, s.Share, RolloutAnswer.NameOf(s, SplitKind.Canary));
}

/// <summary>How a rollout stands.</summary>
/// <param name="Step">From 1; 0: none is published yet.</param>
/// <param name="Share">The step's, in ten-thousandths.</param>
/// <param name="Held">How long the step has been held, of <paramref name="Hold"/>.</param>
/// <param name="Old">What was counted of the part that gives, at this step.</param>
/// <param name="New">What was counted of the part that takes, at this step.</param>
/// <param name="Before">The weights that the rollout found, and goes back to.</param>
/// <param name="History">What it did and why, oldest first.</param>
public sealed record RolloutAnswer(
    string Name,
    string? Route,
    string? Model,
    string From,
    string To,
    RolloutState State,
    int Step,
    int? Share,
    string Held,
    string? Hold,
    IReadOnlyList<StepBody> Steps,
    FiguresAnswer Old,
    FiguresAnswer New,
    IReadOnlyList<GuardAnswer> Guards,
    double Alpha,
    long MinimumRequests,
    string Timeout,
    TimeoutAction OnTimeout,
    IReadOnlyList<SplitWeight> Before,
    IReadOnlyList<RolloutEventAnswer> History,
    string? Canary)
{
    internal static RolloutAnswer Of(RolloutStatus s) => new(
        s.Name,
        NameOf(s, SplitKind.Route),
        NameOf(s, SplitKind.Model),
        s.Spec.From,
        s.Spec.To,
        s.State,
        s.Step,
        s.Share,
        Durations.Format(TimeSpan.FromSeconds(Math.Floor(s.Held.TotalSeconds))),
        s.Step == 0 ? null : Durations.Format(s.Spec.Steps[s.Step - 1].Hold),
        [.. s.Spec.Steps.Select(step => new StepBody(step.Share, Durations.Format(step.Hold)))],
        FiguresAnswer.Of(s.Old),
        FiguresAnswer.Of(s.New),
        [.. s.Guards.Select(g => new GuardAnswer(g.Guard, g.Verdict, g.Old.Value, g.Old.Limit, g.New.Value, g.New.Limit, g.Bound, g.Says))],
        s.Spec.Alpha,
        s.Spec.MinimumRequests,
        Durations.Format(s.Spec.Timeout),
        s.Spec.OnTimeout,
        s.Before,
        [.. s.History.Select(e => new RolloutEventAnswer(e.At, e.What, e.Why, e.Step, e.Revision, e.By))],
        NameOf(s, SplitKind.Canary));

    /// <summary>The name of what a rollout moves, where that is of this kind.</summary>
    internal static string? NameOf(RolloutStatus s, SplitKind kind) => s.Spec.Kind == kind ? s.Spec.Resource : null;
}

/// <summary>What was counted of a part.</summary>
/// <param name="MeanLatencyMs">To the first byte.</param>
/// <param name="MeanCost">Of a request, in US dollars; null without a price.</param>
public sealed record FiguresAnswer(long Requests, long Failures, long Refusals, long MissingUsage, double? MeanLatencyMs, string? MeanCost)
{
    internal static FiguresAnswer Of(PartFigures f) => new(
        f.Requests, f.Failures, f.Refusals, f.MissingUsage, Mean(f.Latency) is { } micros ? Math.Round(micros / 1000, 3) : null, Mean(f.Cost) is { } nano ? Money.Format((long)nano) : null);

    private static double? Mean(ImmutableArray<Bucket> histogram)
    {
        var count = histogram.Sum(b => b.Count);
        return count == 0 ? null : (double)histogram.Sum(b => b.Sum) / count;
    }
}

/// <summary>How a guard stands; rates from 0 to 1, latencies in milliseconds, costs in US dollars.</summary>
/// <param name="Old">As counted of the old part.</param>
/// <param name="OldAtMost">What the old part's true value is surely not above.</param>
/// <param name="New">As counted of the new part.</param>
/// <param name="NewAtLeast">What the new part's true value is surely not below.</param>
/// <param name="Bound">The guard fails when <paramref name="NewAtLeast"/> is above this.</param>
public sealed record GuardAnswer(string Guard, GuardVerdict Verdict, double? Old, double? OldAtMost, double? New, double? NewAtLeast, double? Bound, string Says);

/// <summary>Something that a rollout did.</summary>
/// <param name="Revision">That it made or found.</param>
public sealed record RolloutEventAnswer(DateTimeOffset At, string What, string Why, int Step, long? Revision, Author By);
