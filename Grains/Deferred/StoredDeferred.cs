using System.Collections.Immutable;
using System.Globalization;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Deferred;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;

namespace Sluice.Grains.Deferred;

/// <summary>
/// What is stored of a tenant's works that are charged later, and the rules of it; time is given. A work is held, then asked of its provider, then begun there, then ended; one that was not asked
/// for is given up without charge, and one that was is not.
/// </summary>
/// <param name="Serial">Of the last work: names its leases, and no other's ever.</param>
/// <param name="Sequence">Of the last one that ended: the order in which usage is told.</param>
/// <param name="Works">The oldest first.</param>
internal sealed record StoredDeferred(long Serial, long Sequence, ImmutableArray<StoredWork> Works)
{
    public StoredDeferred()
        : this(0, 0, [])
    {
    }

    /// <summary>Those that have ended and are not charged yet, in the order in which they ended.</summary>
    public IEnumerable<StoredWork> Ended => Works.Where(w => w.State is WorkState.Ended).OrderBy(w => w.Sequence);

    /// <summary>A work, or null.</summary>
    public StoredWork? Find(string id) => Works.FirstOrDefault(w => string.Equals(w.Work.Id, id, StringComparison.Ordinal));

    /// <summary>One that a provider has begun, or null.</summary>
    public StoredWork? Find(string provider, string place) => Works.FirstOrDefault(w => w.State is WorkState.Started
        && string.Equals(w.Place, place, StringComparison.Ordinal) && string.Equals(w.Work.Provider, provider, StringComparison.Ordinal));

    /// <summary>With one more, of which nothing is held yet.</summary>
    public StoredDeferred With(DeferredWork work, DateTimeOffset now) => this with
    {
        Serial = Serial + 1,
        Works = Works.Add(new StoredWork(work, Serial + 1, WorkState.Holding, [.. work.Budgets.Select(_ => 0L)], "", null, now)),
    };

    /// <summary>With a work as it is now.</summary>
    public StoredDeferred With(StoredWork work) => this with { Works = Works.Replace(Works.First(w => w.Serial == work.Serial), work) };

    /// <summary>Without one.</summary>
    public StoredDeferred Without(StoredWork work) => this with { Works = Works.RemoveAll(w => w.Serial == work.Serial) };

    /// <summary>One has ended.</summary>
    public StoredDeferred End(StoredWork work, DeferredEnd end, DateTimeOffset now) =>
        (this with { Sequence = Sequence + 1 }).With(work with { State = WorkState.Ended, End = end, EndedAt = now, Sequence = Sequence + 1 });
}

/// <summary>How far a work has come.</summary>
internal enum WorkState
{
    /// <summary>Its budgets are being asked.</summary>
    Holding,

    /// <summary>They have lent; its provider was not asked.</summary>
    Held,

    /// <summary>Its provider was asked, and may have begun it.</summary>
    Asked,

    /// <summary>Its provider has begun it.</summary>
    Started,

    /// <summary>It has ended, and is to be charged.</summary>
    Ended,
}

/// <summary>A work as it is stored.</summary>
/// <param name="Work">As it was admitted.</param>
/// <param name="Serial">Of its leases' name.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Windows">Of each budget, the window that has lent; 0: none, as far as is known; <see cref="Undeclared"/>: there is no such budget.</param>
/// <param name="Input">What the provider knows it by where its answer was lost.</param>
/// <param name="Place">The provider's id; null: not known.</param>
/// <param name="At">When it came to where it is.</param>
internal sealed record StoredWork(DeferredWork Work, long Serial, WorkState State, ImmutableArray<long> Windows, string Input, string? Place, DateTimeOffset At)
{
    /// <summary>Stands for a window of a budget that is not declared any more, and so binds nobody.</summary>
    public const long Undeclared = -1;

    /// <summary>How it has ended; null: it has not.</summary>
    public DeferredEnd? End { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset EndedAt { get; init; }

    /// <summary>Among those that ended.</summary>
    public long Sequence { get; init; }

    /// <summary>As whoever looks at it is told.</summary>
    public OpenWork Open => new(Work, Input, Place, At);

    /// <summary>The name of its leases.</summary>
    public string HolderOf(string tenant) => string.Create(CultureInfo.InvariantCulture, $"{SourceOf(tenant)}.{Serial}");

    /// <summary>Under which usage is told.</summary>
    public static string SourceOf(string tenant) => $"{IDeferredGrain.HolderBeginning}{tenant}";

    /// <summary>What is charged to a budget.</summary>
    public long SpentOf(int level) => End is not { } end ? 0
        : end.Source is UsageSource.Reserved ? Work.Budgets[level].Amount
        : Work.Budgets[level].Unit switch
        {
            DeferredUnit.Tokens => end.Tokens.Input + end.Tokens.Output,
            DeferredUnit.Money => end.Nano,
            _ => end.Requests,
        };

    /// <summary>The last reports of its leases, each with its budget's place among the work's.</summary>
    public IEnumerable<(int Level, LeaseReport Report)> LastReports(string tenant) =>
        Levels.Select(level => (level, new LeaseReport(HolderOf(tenant), Windows[level], SpentOf(level), Close: true, IsLast: true)));

    /// <summary>The record of all that it used.</summary>
    public AttemptRecord RecordOf(string tenant)
    {
        var end = End!;
        var isUnknown = end.Source is UsageSource.Reserved;
        return new AttemptRecord(
            Work.Id,
            Work.Attempt,
            tenant,
            Work.KeyId,
            Work.User,
            Work.Tags,
            Work.Model,
            Work.Target,
            "",
            isUnknown ? Work.Worst : end.Tokens,
            isUnknown ? Work.WorstNano : end.Nano,
            PriceNames.Of(Work.Price?.Name, end.IsBatch),
            end.Source,
            end.Status,
            Floor(Work.Arrived),
            null,
            Floor(EndedAt),
            SourceOf(tenant),
            Work.Revision,
            [.. Levels.Select(i => new LeaseCharge(Work.Budgets[i].Budget, Work.Budgets[i].Subject, HolderOf(tenant), Windows[i], SpentOf(i)))])
        { Sequence = Sequence, Overdraft = isUnknown ? 0 : Math.Max(0, end.Tokens.Input + end.Tokens.Output - Work.Worst.Input - Work.Worst.Output) };
    }

    private IEnumerable<int> Levels => Enumerable.Range(0, Windows.Length).Where(level => Windows[level] != Undeclared);

    // To the microsecond, as files of records keep it.
    private static DateTimeOffset Floor(DateTimeOffset moment) => moment.AddTicks(-(moment.Ticks % TimeSpan.TicksPerMicrosecond));
}
