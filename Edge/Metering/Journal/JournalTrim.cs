using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering.Journal;

/// <summary>Finds segments in which nothing is wanted any more, and sums up what their records charged to leases, so that they can go. Called by one at a time.</summary>
internal sealed class JournalTrim
{
    private const int EntriesAtOnce = 1_000;
    private readonly CarriedSums _carried = new();
    private long _summed;

    /// <summary>The first segments of which every record is answered and every attempt that began in them is settled.</summary>
    public IReadOnlyList<JournalSegment> Done(IEnumerable<JournalSegment> segments, Func<AttemptRecord, bool> isAnswered) =>
        [.. segments.TakeWhile(segment => IsDone(segment, isAnswered))];

    /// <summary>Writes the sums of all segments up to these. False: they could not be written, and the segments must stay.</summary>
    public bool TryCarry(IReadOnlyList<JournalSegment> done, Func<CarriedPart, bool> write)
    {
        // Those that had to stay the last time are in the sums already.
        foreach (var segment in done.Where(segment => segment.Head.Number > _summed))
        {
            for (var at = SegmentHead.Length; ;)
            {
                (var entries, at, _) = segment.Read(at, EntriesAtOnce);
                if (entries.Count == 0)
                {
                    break;
                }

                entries.ForEach(entry => _carried.Take(entry));
            }

            _summed = segment.Head.Number;
        }

        return _carried.Parts(_summed).All(write);
    }

    private static bool IsDone(JournalSegment segment, Func<AttemptRecord, bool> isAnswered)
    {
        if (!segment.IsQuiet)
        {
            return false;
        }

        while (true)
        {
            var (entries, next, _) = segment.Read(segment.LookedTo, EntriesAtOnce);
            foreach (var entry in entries)
            {
                if (entry is { Kind: EntryKind.Settled, Record: { } record } && !isAnswered(record))
                {
                    segment.LookedTo = entry.At;
                    return false;
                }
            }

            segment.LookedTo = next;
            if (entries.Count == 0)
            {
                return true;
            }
        }
    }
}
