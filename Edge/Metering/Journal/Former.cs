using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering.Journal;

/// <summary>What one former start has left of its leases, segment by segment, and whether that is all.</summary>
internal sealed class Former
{
    private readonly SortedDictionary<long, LeaseSums> _segments = [];
    private readonly HashSet<LeaseName> _ended = [];
    private readonly List<CarriedPart> _parts = [];
    private bool _mayBeLost;

    /// <summary>A file of it could not be read.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>Nothing is missing: all segments are there that were not carried over, and all was kept by a system that still runs.</summary>
    public bool IsCertain => !IsDamaged && !_mayBeLost && Carried() is var (through, _)
        && _segments.Keys.Where(number => number > through).Select((number, i) => number - i).All(first => first == through + 1);

    /// <summary>Takes a segment.</summary>
    public void Take(FormerSegment segment)
    {
        var sums = _segments[segment.Head.Number] = new LeaseSums();
        _mayBeLost |= segment.HasGap || segment.Head.Boot.Length == 0 || !string.Equals(segment.Head.Boot, MachineBoot.Id, StringComparison.Ordinal);
        foreach (var entry in segment.Entries)
        {
            switch (entry.Kind)
            {
                case EntryKind.Settled:
                    sums.Take(entry.Record!);
                    break;
                case EntryKind.LeaseEnded:
                    _ended.Add(LeaseName.Of(entry.Lease));
                    break;
                case EntryKind.Carried:
                    _parts.Add(entry.Carried!);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Adds what its segments charged to leases, and names those that have ended.</summary>
    public void SumTo(LeaseSums sums, HashSet<LeaseName> ended)
    {
        var (through, leases) = Carried();
        var rest = _segments.Where(segment => segment.Key > through).SelectMany(segment => segment.Value.Sums.Select(sum => sum.Key.With(sum.Value)));
        foreach (var lease in leases.Concat(rest))
        {
            sums.Add(lease);
        }

        ended.UnionWith(_ended);
    }

    // The newest that is whole: a process that was killed while it carried over has removed nothing yet.
    private (long Through, IEnumerable<LeaseCharge> Leases) Carried()
    {
        var whole = _parts.GroupBy(part => part.Through).Where(group => group.Select(part => part.Part).Distinct().Count() == group.First().Parts).MaxBy(group => group.Key);
        return whole is null ? (0, []) : (whole.Key, whole.DistinctBy(part => part.Part).SelectMany(part => part.Leases));
    }
}
