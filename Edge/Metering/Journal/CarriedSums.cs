using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering.Journal;

/// <summary>What names a lease.</summary>
internal readonly record struct LeaseName(string Budget, string Subject, string Holder, long Window)
{
    /// <summary>Of a charge.</summary>
    public static LeaseName Of(in LeaseCharge charge) => new(charge.Budget, charge.Subject, charge.Holder, charge.Window);

    /// <summary>With an amount.</summary>
    public LeaseCharge With(long amount) => new(Budget, Subject, Holder, Window, amount);
}

/// <summary>
/// What records charged to leases, in sums, for segments that are let go. Entries are taken in their order, so a lease that has ended is forgotten with the entry that says
/// so: nothing is charged to it after. For use by one at a time.
/// </summary>
internal sealed class CarriedSums
{
    private const int LeasesInPart = 200;
    private readonly Dictionary<LeaseName, long> _sums = [];

    /// <summary>The sums.</summary>
    public IReadOnlyDictionary<LeaseName, long> Sums => _sums;

    /// <summary>Takes an entry.</summary>
    public void Take(in JournalEntry entry)
    {
        switch (entry.Kind)
        {
            case EntryKind.Settled:
                foreach (var charge in entry.Record!.Charges)
                {
                    Add(charge);
                }

                break;
            case EntryKind.LeaseEnded:
                _sums.Remove(LeaseName.Of(entry.Lease));
                break;
            default:
                break;
        }
    }

    /// <summary>Adds to a lease.</summary>
    public void Add(in LeaseCharge charge) => CollectionsMarshal.GetValueRefOrAddDefault(_sums, LeaseName.Of(charge), out _) += charge.Amount;

    /// <summary>As it is written.</summary>
    /// <param name="through">The last segment that was taken.</param>
    public IEnumerable<CarriedPart> Parts(long through)
    {
        var parts = Math.Max(1, (_sums.Count + LeasesInPart - 1) / LeasesInPart);
        return _sums.Select(sum => sum.Key.With(sum.Value)).Chunk(LeasesInPart).DefaultIfEmpty([]).Select((leases, part) => new CarriedPart(through, part, parts, [.. leases]));
    }
}
