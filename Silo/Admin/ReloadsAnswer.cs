using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Silo.Admin;

/// <summary>Publishes of some days: by who asked for them and by what became of them, how long their phases took, and why some were refused.</summary>
/// <param name="From">The first day, UTC.</param>
/// <param name="To">The last day, UTC.</param>
/// <param name="Total">All of them.</param>
/// <param name="Authors">The same by author, those with the most first.</param>
/// <param name="Phases">Of those that made a revision: the time of each phase.</param>
/// <param name="Refusals">Those that made none, newest first, as many as were asked for.</param>
/// <param name="Dropped">How many are in no figure, because of each day so many are kept at most.</param>
public sealed record ReloadsAnswer(
    DateOnly From, DateOnly To, ReloadFigures Total, IReadOnlyList<ReloadFigures> Authors, IReadOnlyList<PhaseFigures> Phases, IReadOnlyList<RefusedReload> Refusals, long Dropped)
{
    /// <summary>The order in which phases are gone through.</summary>
    private static readonly string[] Order = ["check", "store", "prepare", "hold", "commit", "barrier"];

    /// <summary>Sums up what is kept of the days. Pure.</summary>
    /// <param name="from">The first day.</param>
    /// <param name="to">The last day.</param>
    /// <param name="days">What is kept of them, oldest first.</param>
    /// <param name="author">Of this author alone; null: of all.</param>
    /// <param name="most">So many refusals are told.</param>
    public static ReloadsAnswer Of(DateOnly from, DateOnly to, IReadOnlyList<ReloadDay> days, string? author, int most)
    {
        var reloads = days.SelectMany(day => day.Reloads).Where(reload => author is null || string.Equals(reload.Author.Name, author, StringComparison.Ordinal)).ToList();
        return new ReloadsAnswer(
            from,
            to,
            ReloadFigures.Of(null, reloads),
            [.. reloads.GroupBy(r => r.Author.Name, StringComparer.Ordinal).Select(g => ReloadFigures.Of(g.Key, [.. g])).OrderByDescending(f => f.Reloads).ThenBy(f => f.Author, StringComparer.Ordinal)],
            [.. reloads.SelectMany(r => r.Phases).GroupBy(p => p.Key, StringComparer.Ordinal).OrderBy(g => Array.IndexOf(Order, g.Key)).Select(g => new PhaseFigures(g.Key, g.Count(), ReloadTimes.Of(g.Select(p => p.Value))!.Value))],
            [.. reloads.Where(r => r.Revision == 0).OrderByDescending(r => r.At).Take(most).Select(RefusedReload.Of)],
            days.Sum(day => day.Dropped));
    }
}

/// <summary>Figures of some publishes.</summary>
/// <param name="Author">Who asked for them; null: of all.</param>
/// <param name="Via">The ways by which they came.</param>
/// <param name="Reloads">How many.</param>
/// <param name="Rollbacks">Of these: ways back.</param>
/// <param name="Outcomes">How many came to what; what none came to is not there.</param>
/// <param name="Duration">Of those that made a revision: from the check to the end of the barrier; null: none did.</param>
public sealed record ReloadFigures(string? Author, IReadOnlyList<string> Via, int Reloads, int Rollbacks, IReadOnlyDictionary<string, int> Outcomes, ReloadTimes? Duration)
{
    internal static ReloadFigures Of(string? author, IReadOnlyList<Reload> reloads) => new(
        author,
        [.. reloads.Select(r => r.Author.Via).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        reloads.Count,
        reloads.Count(r => r.IsRollback),
        reloads.GroupBy(r => r.Outcome).OrderBy(g => g.Key).ToDictionary(g => Enums.NameOf(g.Key), g => g.Count(), StringComparer.Ordinal),
        ReloadTimes.Of(reloads.Where(r => r.Phases.Count > 0).Select(r => r.Phases.Values.Aggregate(TimeSpan.Zero, (sum, phase) => sum + phase))));
}

/// <summary>The times of a phase of publishes.</summary>
/// <param name="Phase">Which.</param>
/// <param name="Count">Of how many publishes.</param>
/// <param name="Duration">The times.</param>
public sealed record PhaseFigures(string Phase, int Count, ReloadTimes Duration);

/// <summary>Times in milliseconds: each is one that was seen (the nearest rank).</summary>
/// <param name="MedianMs">Half of them took no longer.</param>
/// <param name="P95Ms">95 of a hundred took no longer.</param>
public readonly record struct ReloadTimes(double MedianMs, double P95Ms)
{
    private const double Half = 0.5;
    private const double NineteenOfTwenty = 0.95;

    /// <summary>Of some times; null: of none.</summary>
    internal static ReloadTimes? Of(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Order().ToList();
        return sorted.Count == 0 ? null : new ReloadTimes(At(Half), At(NineteenOfTwenty));

        double At(double part) => Math.Round(sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Count) - 1)].TotalMilliseconds, 3);
    }
}

/// <summary>A publish that made no revision.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Code">Why, in a word: that of the edge's refusal, or <c>invalid</c>, <c>conflict</c>, <c>owner</c> and so on.</param>
/// <param name="Why">For people, without the values that were wrong.</param>
/// <param name="Edge">The edge that refused it; null: none did.</param>
public sealed record RefusedReload(DateTimeOffset At, Author Author, ReloadOutcome Outcome, string Code, string Why, string? Edge, bool IsRollback)
{
    internal static RefusedReload Of(Reload reload) =>
        new(reload.At, reload.Author, reload.Outcome, reload.Code, reload.Why, reload.Edge.Length == 0 ? null : reload.Edge, reload.IsRollback);
}
