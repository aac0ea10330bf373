using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Edge.Rollouts;

/// <summary>How a request to a part of a split ended.</summary>
/// <param name="Failed">By the part's fault.</param>
/// <param name="Refused">Answered 429.</param>
/// <param name="LacksUsage">A model answered and did not tell what it used.</param>
/// <param name="Latency">To the answer's first byte, or until there was none to come.</param>
/// <param name="CostNano">In 10⁻⁹ of a US dollar; null without a price.</param>
public readonly record struct PartAnswer(bool Failed, bool Refused, bool LacksUsage, TimeSpan Latency, long? CostNano);

/// <summary>
/// What was counted of one part of a watched split and not yet sent. Counted from any thread without a lock or an allocation. Invariant: a request is counted before what
/// it was, and taken in the other order, so that no more failures are ever sent than requests until then. What a request was may come one batch after it.
/// </summary>
public sealed class PartTally
{
    private readonly long[] _latencies = new long[Buckets.Count];
    private readonly long[] _latencySums = new long[Buckets.Count];
    private readonly long[] _costs = new long[Buckets.Count];
    private readonly long[] _costSums = new long[Buckets.Count];
    private long _requests;
    private long _failures;
    private long _refusals;
    private long _missing;

    /// <summary>Counts one request.</summary>
    public void Count(in PartAnswer answer)
    {
        Interlocked.Increment(ref _requests);
        Add(_latencies, _latencySums, (long)answer.Latency.TotalMicroseconds);
        if (answer.CostNano is { } cost)
        {
            Add(_costs, _costSums, cost);
        }

        if (answer.Failed)
        {
            Interlocked.Increment(ref _failures);
        }
        else if (answer.Refused)
        {
            Interlocked.Increment(ref _refusals);
        }
        else if (answer.LacksUsage)
        {
            Interlocked.Increment(ref _missing);
        }
    }

    /// <summary>Takes what was counted since the last time.</summary>
    public PartFigures Take()
    {
        var (failures, refusals, missing) = (Interlocked.Exchange(ref _failures, 0), Interlocked.Exchange(ref _refusals, 0), Interlocked.Exchange(ref _missing, 0));
        var (latency, cost) = (Take(_latencies, _latencySums), Take(_costs, _costSums));
        return new PartFigures(Interlocked.Exchange(ref _requests, 0), failures, refusals, missing, latency, cost);
    }

    private static void Add(long[] counts, long[] sums, long value)
    {
        var bucket = Buckets.Of(value);
        Interlocked.Add(ref sums[bucket], value);
        Interlocked.Increment(ref counts[bucket]);
    }

    private static ImmutableArray<Bucket> Take(long[] counts, long[] sums)
    {
        var taken = ImmutableArray.CreateBuilder<Bucket>();
        for (var i = 0; i < counts.Length; i++)
        {
            // A value between its sum and its count is taken whole the next time: its sum may be a batch ahead, never lost.
            if (Volatile.Read(ref counts[i]) > 0)
            {
                taken.Add(new Bucket(i, Interlocked.Exchange(ref counts[i], 0), Interlocked.Exchange(ref sums[i], 0)));
            }
        }

        return taken.ToImmutable();
    }
}
