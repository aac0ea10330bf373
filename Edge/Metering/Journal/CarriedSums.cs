using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering.Journal;

/// <summary>
/// What entries charged to leases, in sums, for segments that are let go. They are taken in their order, so a lease that has ended is forgotten with the entry that says so:
/// nothing is charged to it after. Leases are told apart by their names as they were written, for all that a busy edge has settled comes by here. For use by one at a time.
/// </summary>
internal sealed class CarriedSums
{
    private const int LeasesInPart = 200;
    private readonly Dictionary<byte[], long> _sums = new(WrittenNames.Comparer);
    private readonly Dictionary<byte[], long>.AlternateLookup<ReadOnlySpan<byte>> _byName;

    public CarriedSums() => _byName = _sums.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>Takes the charges of a settled attempt.</summary>
    public void Take(EntryReader charges)
    {
        for (var count = charges.Count(); count > 0; count--)
        {
            var name = charges.WrittenCharge(out var amount);
            CollectionsMarshal.GetValueRefOrAddDefault(_byName, name, out _) += amount;
        }
    }

    /// <summary>A lease has ended.</summary>
    public void Forget(EntryReader lease) => _byName.Remove(lease.WrittenCharge(out _));

    /// <summary>As it is written.</summary>
    /// <param name="through">The last segment that was taken.</param>
    public IEnumerable<CarriedPart> Parts(long through)
    {
        var parts = Math.Max(1, (_sums.Count + LeasesInPart - 1) / LeasesInPart);
        return _sums.Select(sum => new EntryReader(sum.Key).Lease(sum.Value)).Chunk(LeasesInPart).DefaultIfEmpty([])
            .Select((leases, part) => new CarriedPart(through, part, parts, [.. leases]));
    }

    private sealed class WrittenNames : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly WrittenNames Comparer = new();

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());
    }
}
