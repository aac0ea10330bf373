using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Deferred;

/// <summary>The most that the requests of a batch can use, together and the largest of them.</summary>
internal sealed class BatchBound
{
    /// <summary>How many requests there are.</summary>
    public long Requests { get; private set; }

    /// <summary>Of all.</summary>
    public TokenCounts Worst { get; private set; }

    /// <summary>Of all, in 10⁻⁹ US dollar.</summary>
    public long WorstNano { get; private set; }

    /// <summary>Of one: the most input and the most output that any of them can have.</summary>
    public TokenCounts Largest { get; private set; }

    /// <summary>Of one.</summary>
    public long LargestNano { get; private set; }

    /// <summary>One more.</summary>
    public void Add(long input, long output, long nano)
    {
        Requests++;
        Worst = new TokenCounts { Input = Sum(Worst.Input, input), Output = Sum(Worst.Output, output) };
        WorstNano = Sum(WorstNano, nano);
        Largest = new TokenCounts { Input = Math.Max(Largest.Input, input), Output = Math.Max(Largest.Output, output) };
        LargestNano = Math.Max(LargestNano, nano);
    }

    private static long Sum(long one, long other) => Costs.Saturate((Int128)one + other);
}
