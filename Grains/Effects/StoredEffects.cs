using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Effects;

namespace Sluice.Grains.Effects;

/// <summary>What was counted in some seconds.</summary>
/// <param name="From">When they began.</param>
internal sealed record CountedSlot(DateTimeOffset From, RequestFigures Figures);

/// <summary>A revision whose minutes are not over.</summary>
internal sealed record OpenEffect(long Revision, DateTimeOffset Since, RequestFigures Before, RequestFigures After);

/// <summary>The last batch of an edge that was counted.</summary>
internal sealed record CountedBatch(long Number, DateTimeOffset At);

/// <summary>
/// What is stored of the effects that are not settled yet, and its rules. A batch belongs to the time at which it arrives: edges' clocks are not compared. Bounded: few
/// revisions are open at once, and what is older than the minutes before is let go. Plain rules.
/// </summary>
/// <param name="Newest">The greatest revision that an edge told of.</param>
/// <param name="Open">Revisions whose minutes are not over, oldest first.</param>
/// <param name="Recent">What was counted of late under whatever revision, oldest first.</param>
/// <param name="Counted">By edge.</param>
internal sealed record StoredEffects(
    long Newest, ImmutableArray<OpenEffect> Open, ImmutableArray<CountedSlot> Recent, ImmutableDictionary<string, CountedBatch> Counted)
{
    /// <summary>How long before and after an activation requests are counted.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <summary>So many revisions are open at most: of more that come in five minutes the oldest are settled early.</summary>
    public const int MostOpen = 8;

    private static readonly TimeSpan Slot = TimeSpan.FromSeconds(30);

    // Other edges' figures of the time before an activation come with their next batches.
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(5);

    // An edge that was silent for so long has ended; its id is never used again.
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(1);

    public StoredEffects()
        : this(0, [], [], ImmutableDictionary.Create<string, CountedBatch>(StringComparer.Ordinal))
    {
    }

    /// <summary>With a batch; the same object where it was counted before.</summary>
    public StoredEffects With(EffectBatch batch, DateTimeOffset now)
    {
        if (Counted.TryGetValue(batch.Edge, out var last) && batch.Number <= last.Number)
        {
            return this;
        }

        var next = this with
        {
            Recent = [.. Recent.Where(slot => slot.From > now - Window - Slot)],
            Counted = Counted.RemoveRange(Counted.Where(c => now - c.Value.At > Forgotten).Select(c => c.Key)).SetItem(batch.Edge, new CountedBatch(batch.Number, now)),
        };
        foreach (var (revision, figures) in batch.Revisions.OrderBy(r => r.Revision))
        {
            next = next.Begun(revision, now).With(revision, figures, now);
        }

        return next.Begun(batch.Active, now);
    }

    /// <summary>Those whose minutes are over, and the state without them.</summary>
    public (StoredEffects Left, ImmutableArray<OpenEffect> Over) TakeOver(DateTimeOffset now)
    {
        var surplus = Open.Length - MostOpen;
        var over = Open.Where((effect, i) => i < surplus || now - effect.Since > Window).ToImmutableArray();
        return over.IsEmpty ? (this, over) : (this with { Open = Open.RemoveRange(over) }, over);
    }

    private StoredEffects Begun(long revision, DateTimeOffset now) => revision <= Newest ? this : this with
    {
        Newest = revision,
        Open = Open.Add(new OpenEffect(revision, now, Recent.Aggregate(RequestFigures.None, (sum, slot) => sum.Plus(slot.Figures)), RequestFigures.None)),
    };

    private StoredEffects With(long revision, RequestFigures figures, DateTimeOffset now)
    {
        var begun = new DateTimeOffset(now.Ticks - (now.Ticks % Slot.Ticks), now.Offset);
        var recent = Recent is [.., var newest] && newest.From == begun
            ? Recent.SetItem(Recent.Length - 1, newest with { Figures = newest.Figures.Plus(figures) })
            : Recent.Add(new CountedSlot(begun, figures));
        return this with
        {
            Recent = recent,
            Open =
            [
                .. Open.Select(effect => effect.Revision == revision && now - effect.Since <= Window ? effect with { After = effect.After.Plus(figures) }
                    : revision < effect.Revision && now - effect.Since <= Late ? effect with { Before = effect.Before.Plus(figures) }
                    : effect),
            ],
        };
    }
}
