using Sluice.Edge.Metering.Journal;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering;

/// <summary>Reads records back that found no room in memory, from the journal where they wait. Each is read once or twice, however many there are. Called by one at a time.</summary>
internal sealed class SpilledRecords(AttemptJournal? journal)
{
    private const int AtOnce = 2_000;
    private (long Segment, int At) _from;
    private (long Segment, int At) _end;

    /// <summary>Takes back as many as there is room for.</summary>
    public void TakeBack(IReadOnlyDictionary<(string Tenant, int Day), DayUsage> days)
    {
        var spilled = days.Where(day => day.Value.IsSpilled).ToArray();
        if (spilled.Length == 0 || journal is null)
        {
            _from = default;
            return;
        }

        foreach (var (record, at) in Records(_from))
        {
            if (days.TryGetValue((record.Tenant, UsageRows.DayOf(record.Ended)), out var day) && !day.TryTakeBack(record))
            {
                // Whoever waits for room waits for this one: the next look begins here.
                _from = at;
                return;
            }
        }

        var end = _end;
        foreach (var (key, day) in spilled)
        {
            day.TryTakeRest(() => Records(end).Select(each => each.Record).Where(record =>
                UsageRows.DayOf(record.Ended) == key.Day && string.Equals(record.Tenant, key.Tenant, StringComparison.Ordinal)));
        }

        _from = end;
    }

    private IEnumerable<(AttemptRecord Record, (long Segment, int At) At)> Records((long Segment, int At) from)
    {
        _end = from;
        foreach (var segment in journal!.Segments().Where(segment => segment.Head.Number >= from.Segment))
        {
            var at = segment.Head.Number == from.Segment ? from.At : SegmentHead.Length;
            List<(AttemptRecord Record, int At)> settled;
            bool isEnd;
            do
            {
                (settled, at, isEnd) = segment.Read(at, AtOnce);
                foreach (var (record, place) in settled)
                {
                    yield return (record, (segment.Head.Number, place));
                }
            }
            while (settled.Count > 0);
            _end = (segment.Head.Number, at);
            if (!isEnd)
            {
                // One is just being written, and no later one may come before it.
                yield break;
            }
        }
    }
}
