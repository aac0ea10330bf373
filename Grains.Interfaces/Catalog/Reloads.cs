using System.Collections.Immutable;
using System.Globalization;

namespace Sluice.Grains.Interfaces.Catalog;

/// <summary>What became of a publish.</summary>
public enum ReloadOutcome
{
    /// <summary>A revision was made, and every edge took it up, or nobody waited for them.</summary>
    Committed,

    /// <summary>A revision was made, and not every edge had taken it up when its barrier ended.</summary>
    Partial,

    /// <summary>It changed nothing.</summary>
    Unchanged,

    /// <summary>Its check found something wrong, or it could not be made.</summary>
    Check,

    /// <summary>Another change had come first.</summary>
    Conflict,

    /// <summary>It would have changed what belongs to other ways in.</summary>
    Owner,

    /// <summary>An edge cannot run it.</summary>
    Edge,

    /// <summary>It is not known what became of it, or it ended in a fault.</summary>
    Failed,
}

/// <summary>One publish, after its end.</summary>
/// <param name="At">When it ended.</param>
/// <param name="Author">Who asked for it.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Revision">The revision that it made; 0: none.</param>
/// <param name="IsRollback">Whether it was a way back.</param>
/// <param name="Phases">Of one that made a revision: the time of each phase.</param>
/// <param name="Code">Of one that was refused: why, in a word; else empty.</param>
/// <param name="Why">Of one that was refused: why, for people, without the values that were wrong; else empty.</param>
/// <param name="Edge">The edge that refused it; else empty.</param>
[GenerateSerializer, Immutable, Alias("sluice.reload")]
public sealed record Reload(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] Author Author,
    [property: Id(2)] ReloadOutcome Outcome,
    [property: Id(3)] long Revision,
    [property: Id(4)] bool IsRollback,
    [property: Id(5)] ImmutableDictionary<string, TimeSpan> Phases,
    [property: Id(6)] string Code,
    [property: Id(7)] string Why,
    [property: Id(8)] string Edge);

/// <summary>The publishes of one day (UTC).</summary>
/// <param name="Reloads">Oldest first; the last of them where there were more than are kept.</param>
/// <param name="Dropped">How many there were before them.</param>
[GenerateSerializer, Immutable, Alias("sluice.reload-day")]
public sealed record ReloadDay([property: Id(0)] ImmutableArray<Reload> Reloads, [property: Id(1)] long Dropped);

/// <summary>
/// The publishes of a workspace, whatever became of them, by day. The days go round: a grain has one of every ninety-two, and lets go of the older one when the next
/// begins, so that no more is ever kept. Its key is that of <see cref="ReloadDays"/>. It is for looking: nothing rests on it, and what a lost silo had not told is missing.
/// </summary>
[Alias("sluice.reloads")]
public interface IReloadsGrain : IGrainWithStringKey
{
    /// <summary>Keeps one under the day of its end. One of a day that was let go is not kept.</summary>
    [Alias("append")]
    Task AppendAsync(Reload reload);

    /// <summary>Those of a day; empty where there were none, or the day was let go.</summary>
    [Alias("day")]
    Task<ReloadDay> GetAsync(DateOnly day);
}

/// <summary>Which days of publishes are kept, and where.</summary>
public static class ReloadDays
{
    /// <summary>So many days are kept, today among them.</summary>
    public const int Kept = 92;

    /// <summary>The key of the grain that has a day.</summary>
    public static string KeyOf(string workspace, DateOnly day) => GrainKeys.Join(workspace, (day.DayNumber % Kept).ToString(CultureInfo.InvariantCulture));
}
