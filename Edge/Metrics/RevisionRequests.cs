using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Effects;
using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Edge.Metrics;

/// <summary>
/// The requests of one revision on this edge: how many are in flight, how they ended and how long they took. Counted from any thread without a lock or an allocation,
/// and without a line of memory that all cores write: each core has a stripe of its own, and whoever asks adds the stripes up. It does not hold the revision itself.
/// </summary>
/// <param name="revision">The revision's number; 0 for requests that were not admitted under any.</param>
public sealed class RevisionRequests(long revision)
{
    private const int OutcomeCount = (int)RequestOutcome.ClientLeft + 1;
    private const int BegunAt = Stripes.Gap;
    private const int OutcomesAt = BegunAt + 1;
    private const int DurationsAt = OutcomesAt + OutcomeCount;
    private const int StripeLength = DurationsAt + (2 * Buckets.Count) + Stripes.Gap;

    private readonly long[][] _stripes = MakeStripes();
    private readonly long[] _taken = new long[StripeLength];
    private RevisionsInUse? _releasedBy;

    /// <summary>The revision's number; 0 for requests that were not admitted under any.</summary>
    public long Revision => revision;

    /// <summary>Requests that began.</summary>
    public long Begun => Sum(BegunAt);

    /// <summary>Requests that have not ended.</summary>
    public long InFlight
    {
        get
        {
            // Ends are read first: a request that begins and ends in between must not make the difference negative. Where it is 0, none was in flight in between.
            var ended = Enumerable.Range(OutcomesAt, OutcomeCount).Sum(Sum);
            return Sum(BegunAt) - ended;
        }
    }

    /// <summary>When another revision took its place, as <see cref="TimeProvider.GetTimestamp"/> tells; null: it is the active one. Guarded by <see cref="RevisionsInUse"/>.</summary>
    internal long? ReplacedAt { get; set; }

    /// <summary>When requests began to run under it, likewise; null: they never did.</summary>
    internal long? ActivatedAt { get; set; }

    /// <summary>What <see cref="Begun"/> was when it was let go.</summary>
    internal long BegunAtRelease { get; set; }

    /// <summary>A request begins.</summary>
    public void Begin()
    {
        Interlocked.Increment(ref Stripe()[BegunAt]);

        // A thread that was held up between taking the revision and this line may find that nobody counts it any more. The increment is a full fence, as is the release.
        Volatile.Read(ref _releasedBy)?.TakeBack(this);
    }

    /// <summary>A request ends; once for each <see cref="Begin"/>.</summary>
    /// <param name="outcome">How.</param>
    /// <param name="elapsed">From its arrival. Upgraded connections last as long as their users like: their time says nothing and is left out.</param>
    public void End(RequestOutcome outcome, TimeSpan elapsed)
    {
        var stripe = Stripe();
        if (outcome is not RequestOutcome.Upgraded)
        {
            var microseconds = (long)elapsed.TotalMicroseconds;
            var at = DurationsAt + (2 * Buckets.Of(microseconds));
            Interlocked.Add(ref stripe[at + 1], microseconds);
            Interlocked.Increment(ref stripe[at]);
        }

        // The last step: where nothing is in flight, all has been counted.
        Interlocked.Increment(ref stripe[OutcomesAt + (int)outcome]);
    }

    /// <summary>What was counted since the last time. For one caller at a time.</summary>
    internal RequestFigures Take()
    {
        var outcomes = Enumerable.Range(OutcomesAt, OutcomeCount).Select(TakeAt).ToArray();
        if (outcomes.All(count => count == 0))
        {
            return RequestFigures.None;
        }

        var durations = ImmutableArray.CreateBuilder<Bucket>();
        for (var i = 0; i < Buckets.Count; i++)
        {
            if (TakeAt(DurationsAt + (2 * i)) is var count and > 0)
            {
                durations.Add(new Bucket(i, count, TakeAt(DurationsAt + (2 * i) + 1)));
            }
        }

        return new RequestFigures(
            outcomes.Sum(),
            outcomes[(int)RequestOutcome.ServerError] + outcomes[(int)RequestOutcome.Broken],
            outcomes[(int)RequestOutcome.ClientError],
            outcomes[(int)RequestOutcome.ClientLeft],
            durations.ToImmutable());
    }

    /// <summary>Lets go of it, unless a request is in flight; from then on a request that begins all the same is told to <paramref name="by"/>.</summary>
    internal bool TryRelease(RevisionsInUse by)
    {
        Interlocked.Exchange(ref _releasedBy, by);
        if (InFlight == 0)
        {
            return true;
        }

        Volatile.Write(ref _releasedBy, null);
        return false;
    }

    /// <summary>It is counted again.</summary>
    internal void Keep() => Volatile.Write(ref _releasedBy, null);

    private static long[][] MakeStripes()
    {
        var stripes = new long[Stripes.Count][];
        for (var i = 0; i < stripes.Length; i++)
        {
            stripes[i] = new long[StripeLength];
        }

        return stripes;
    }

    private long[] Stripe() => _stripes[Stripes.Current];

    private long Sum(int at)
    {
        var sum = 0L;
        foreach (var stripe in _stripes)
        {
            sum += Volatile.Read(ref stripe[at]);
        }

        return sum;
    }

    private long TakeAt(int at)
    {
        var sum = Sum(at);
        var taken = sum - _taken[at];
        _taken[at] = sum;
        return taken;
    }
}
