namespace Sluice.Edge.Metering.Journal;

/// <summary>Finds segments in which nothing is wanted any more, and sums up what their records charged to leases, so that they can go. Called by one at a time.</summary>
internal sealed class JournalTrim
{
    private readonly CarriedSums _carried = new();
    private long _summed;
    private string _tenant = "";

    /// <summary>The first segments of which every record is answered and every attempt that began in them is settled.</summary>
    public IReadOnlyList<JournalSegment> Done(IEnumerable<JournalSegment> segments, Func<SettledMark, bool> isAnswered) =>
        [.. segments.TakeWhile(segment => IsDone(segment, isAnswered))];

    /// <summary>Writes the sums of all segments up to these. False: they could not be written, and the segments must stay.</summary>
    public bool TryCarry(IReadOnlyList<JournalSegment> done, Func<CarriedPart, bool> write)
    {
        // Those that had to stay the last time are in the sums already.
        foreach (var segment in done.Where(segment => segment.Head.Number > _summed))
        {
            Sum(segment);
            _summed = segment.Head.Number;
        }

        return _carried.Parts(_summed).All(write);
    }

    private void Sum(JournalSegment segment)
    {
        using var walk = segment.Walk(SegmentHead.Length);
        while (walk.MoveNext())
        {
            switch (walk.Entry.Kind)
            {
                case EntryKind.Settled:
                    walk.Entry.Mark(_tenant, out var charges);
                    _carried.Take(charges);
                    break;
                case EntryKind.LeaseEnded:
                    _carried.Forget(walk.Entry.Lease());
                    break;
                default:
                    break;
            }
        }
    }

    private bool IsDone(JournalSegment segment, Func<SettledMark, bool> isAnswered)
    {
        if (!segment.IsQuiet)
        {
            return false;
        }

        using var walk = segment.Walk(segment.LookedTo);
        while (walk.MoveNext())
        {
            if (walk.Entry.Kind is EntryKind.Settled)
            {
                var mark = walk.Entry.Mark(_tenant, out _);
                _tenant = mark.Tenant;
                if (!isAnswered(mark))
                {
                    segment.LookedTo = walk.At;
                    return false;
                }
            }
        }

        segment.LookedTo = walk.Next;
        return walk.IsEnd;
    }
}
