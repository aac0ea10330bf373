using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Grains.Fleet;

/// <summary>
/// The last changes of a workspace, in segments that are stored one by one; a full ring lets its oldest segment go. Numbers have no gaps. Plain rules:
/// the grain stores a segment first, then says so here.
/// </summary>
public sealed class ChangeRing
{
    /// <summary>Changes in one segment, and so in one row of storage.</summary>
    public const int SegmentLength = 32;

    /// <summary>Segments in the ring.</summary>
    public const int Segments = 16;

    private readonly ImmutableArray<Change>[] _segments;

    /// <summary>Takes up what is stored: the segments by their place in the ring, empty where none is stored.</summary>
    public ChangeRing(IEnumerable<ImmutableArray<Change>> stored)
    {
        _segments = [.. stored];
        if (_segments.Length != Segments)
        {
            throw new ArgumentException($"The ring has {Segments} segments.", nameof(stored));
        }

        Last = _segments.Where(s => !s.IsEmpty).Select(s => s[^1].Number).DefaultIfEmpty(0).Max();
        DropBeforeGaps();
    }

    /// <summary>The number of the last change; 0 before the first.</summary>
    public long Last { get; private set; }

    /// <summary>How many changes the next stored segment takes up.</summary>
    public int Room => SegmentLength - (int)(Last % SegmentLength);

    /// <summary>The place of the segment that the next change belongs to, and what it would hold with these changes, which are at most <see cref="Room"/>.</summary>
    public (int Place, ChangeSegment Segment) Extend(IReadOnlyList<NewChange> changes, DateTimeOffset at)
    {
        if (changes.Count < 1 || changes.Count > Room)
        {
            throw new ArgumentOutOfRangeException(nameof(changes), changes.Count, $"There is room for 1 to {Room} changes.");
        }

        var place = PlaceOf(Last + 1);
        var before = Last % SegmentLength == 0 ? [] : _segments[place];
        return (place, new ChangeSegment([.. before, .. changes.Select((c, i) => new Change(Last + 1 + i, at, c.Kind, c.Subject, c.Author, c.KeyHash))]));
    }

    /// <summary>The segment is stored: its changes are there from now on.</summary>
    public void Stored(int place, ChangeSegment segment)
    {
        _segments[place] = segment.Changes;
        Last = segment.Changes[^1].Number;
    }

    /// <summary>Changes after a number, oldest first.</summary>
    public ChangePage Since(long after, int limit)
    {
        if (after > Last)
        {
            // Whoever knows of changes that never were saw another history, one from before a backup was restored for example.
            return new ChangePage([], Last, Complete: false);
        }

        var kept = _segments.Where(s => !s.IsEmpty).OrderBy(s => s[0].Number).SelectMany(s => s).ToList();
        var complete = after == Last || kept[0].Number <= after + 1;
        return new ChangePage([.. kept.Where(c => c.Number > after).Take(limit)], Last, complete);
    }

    // Segments of different moments, as a backup of a storage without snapshots has them: what is before a gap is let go, as if it had been too old.
    private void DropBeforeGaps()
    {
        long? next = null;
        foreach (var place in Enumerable.Range(0, Segments).Where(i => !_segments[i].IsEmpty).OrderByDescending(i => _segments[i][0].Number).ToList())
        {
            if (next is null || _segments[place][^1].Number + 1 == next)
            {
                next = _segments[place][0].Number;
            }
            else
            {
                _segments[place] = [];
            }
        }
    }

    private static int PlaceOf(long number) => (int)((number - 1) / SegmentLength % Segments);
}
