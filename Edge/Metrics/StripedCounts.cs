namespace Sluice.Edge.Metrics;

/// <summary>Counts that all cores make at once, each in its own stripe, without a lock or an allocation. Safe for concurrent use.</summary>
internal sealed class StripedCounts
{
    // A stripe is free before the first, too: what lies beside the array in memory is somebody else's.
    private readonly long[] _counts = new long[(Stripes.Count + 1) * Stripes.Gap];

    /// <summary>Adds to one of the counts.</summary>
    /// <param name="count">Which, from 0 to below <see cref="Stripes.Gap"/>.</param>
    /// <param name="amount">What is added.</param>
    public void Add(int count, long amount) => Interlocked.Add(ref _counts[PlaceOf(Stripes.Current) + count], amount);

    /// <summary>One of the counts, of all cores.</summary>
    public long Sum(int count)
    {
        var sum = 0L;
        for (var stripe = 0; stripe < Stripes.Count; stripe++)
        {
            sum += Interlocked.Read(ref _counts[PlaceOf(stripe) + count]);
        }

        return sum;
    }

    private static int PlaceOf(int stripe) => (stripe + 1) * Stripes.Gap;
}
