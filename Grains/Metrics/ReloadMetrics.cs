using Sluice.Grains.Interfaces.Metrics;

namespace Sluice.Grains.Metrics;

/// <summary>Every metric of reloads that a silo has, declared once. <see cref="ReloadMeter"/> makes the instruments; docs/monitoring.md has the same list.</summary>
public static class ReloadMetrics
{
    private const string Seconds = "s";

    // The API speaks of one workspace; the tag keeps others apart.
    private static readonly MetricTag Workspace = new("workspace");
    private static readonly MetricTag Side = new("side", "before", "after");

    public static readonly Metric Publishes = new(
        "sluice.reload.publishes",
        MetricShape.Counter,
        "{publish}",
        "Changes that were to become a revision, by what became of them and by which way they came. Dry runs are not counted.",
        new MetricTag("outcome", "committed", "partial", "unchanged", "check", "conflict", "owner", "edge", "failed"),
        new MetricTag("via", "api", "folder", "git", "rollout", "rollback", "system", "other"));

    public static readonly Metric Authors = new(
        "sluice.reload.authors",
        MetricShape.Counter,
        "{publish}",
        "The same by who asked for them and by what became of them, where Metrics:ReloadAuthors has it told: of so many authors, those who came first; others count as other.",
        new MetricTag("author"),
        new MetricTag("outcome", "committed", "partial", "unchanged", "check", "conflict", "owner", "edge", "failed"));

    public static readonly Metric Duration = new(
        "sluice.reload.duration", MetricShape.Histogram, Seconds, "Time of a publish that made a revision, from its check to the end of its barrier, or to the commit where nobody waits.");

    public static readonly Metric PhaseDuration = new(
        "sluice.reload.phase.duration",
        MetricShape.Histogram,
        Seconds,
        "Time of each phase of a publish that made a revision.",
        new MetricTag("phase", "check", "store", "prepare", "commit", "barrier"));

    public static readonly Metric Refusals = new(
        "sluice.reload.refusals",
        MetricShape.Counter,
        "{refusal}",
        "Publishes that an edge refused, by why.",
        new MetricTag("code", "hash", "compile", "defect", "crash", "certificate", "quarantined", "other"));

    public static readonly Metric Revision = new(
        "sluice.reload.revision", MetricShape.Gauge, "{revision}", "The active revision.", Workspace);

    public static readonly Metric AuditEntries = new(
        "sluice.reload.audit.entries", MetricShape.Gauge, "{entry}", "The length of the audit chain.", Workspace);

    public static readonly Metric Edges = new(
        "sluice.reload.edges", MetricShape.Gauge, "{edge}", "Edges in the head's set: those that may hold a lease.", Workspace);

    public static readonly Metric EdgesBehind = new(
        "sluice.reload.edges.behind", MetricShape.Gauge, "{edge}", "Of these: those that have not told that they run the active revision.", Workspace);

    public static readonly Metric EdgesLag = new(
        "sluice.reload.edges.lag", MetricShape.Gauge, "{revision}", "How many revisions the edge that is furthest behind is behind.", Workspace);

    public static readonly Metric EffectRequests = new(
        "sluice.reload.effect.requests", MetricShape.Gauge, "{request}", "Requests in the five minutes before and after the newest revision.", Workspace, Side);

    public static readonly Metric EffectErrors = new(
        "sluice.reload.effect.error_rate", MetricShape.Gauge, "1", "The part of them that failed, 0 to 1: 5xx, or cut off. Without requests there is none.", Workspace, Side);

    public static readonly Metric EffectRefused = new(
        "sluice.reload.effect.refused_rate", MetricShape.Gauge, "1", "The part of them that was answered 4xx, 0 to 1.", Workspace, Side);

    public static readonly Metric EffectDuration = new(
        "sluice.reload.effect.duration", MetricShape.Gauge, Seconds, "Their time from arrival to the answer's end.", Workspace, Side, new MetricTag("at", "p50", "p99"));

    public static readonly Metric EffectWorse = new(
        "sluice.reload.effect.worse", MetricShape.Gauge, "{verdict}", "1 where the newest revision made it surely worse, else 0.", Workspace, new MetricTag("what", "errors", "refused"));

    /// <summary>All of them, in the order of the page.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        Publishes, Authors, Duration, PhaseDuration, Refusals, Revision, AuditEntries, Edges, EdgesBehind, EdgesLag, EffectRequests, EffectErrors, EffectRefused, EffectDuration,
        EffectWorse,
    ];
}
