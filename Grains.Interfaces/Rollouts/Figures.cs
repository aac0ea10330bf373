using System.Collections.Immutable;
using System.Numerics;

namespace Sluice.Grains.Interfaces.Rollouts;

/// <summary>What was counted of one part of a split.</summary>
/// <param name="Requests">Requests that the part was asked.</param>
/// <param name="Failures">Of these: 5xx, no or broken answers, timeouts; of models also 401, 403 and 404, which are about the gateway's credential and the target's name.</param>
/// <param name="Refusals">Of these: answered 429.</param>
/// <param name="MissingUsage">Of these: answered by a model without telling what was used.</param>
/// <param name="Latency">Time to the answer's first byte in microseconds; of clients that left before it, the time until they left.</param>
/// <param name="Cost">Of a request, in 10⁻⁹ of a US dollar, where there is a price.</param>
[GenerateSerializer, Immutable, Alias("sluice.part-figures")]
public sealed record PartFigures(
    [property: Id(0)] long Requests,
    [property: Id(1)] long Failures,
    [property: Id(2)] long Refusals,
    [property: Id(3)] long MissingUsage,
    [property: Id(4)] ImmutableArray<Bucket> Latency,
    [property: Id(5)] ImmutableArray<Bucket> Cost)
{
    /// <summary>Nothing was counted.</summary>
    public static PartFigures None { get; } = new(0, 0, 0, 0, [], []);

    /// <summary>The sum of two.</summary>
    public PartFigures Plus(PartFigures other) => new(
        Requests + other.Requests,
        Failures + other.Failures,
        Refusals + other.Refusals,
        MissingUsage + other.MissingUsage,
        Buckets.Merge(Latency, other.Latency),
        Buckets.Merge(Cost, other.Cost));
}

/// <summary>Values of one bucket of a histogram.</summary>
/// <param name="Index">Of <see cref="Buckets"/>.</param>
/// <param name="Count">How many.</param>
/// <param name="Sum">Of the values themselves, so that means are exact.</param>
[GenerateSerializer, Immutable, Alias("sluice.bucket")]
public readonly record struct Bucket([property: Id(0)] int Index, [property: Id(1)] long Count, [property: Id(2)] long Sum);

/// <summary>The fixed buckets of all histograms: eight to each doubling from 64 on, so a bucket is between 6 and 12.5 % wide. Their bounds never change, for stored figures are in them.</summary>
public static class Buckets
{
    /// <summary>How many there are.</summary>
    public const int Count = 1 + ((LastDoubling - FirstDoubling) * PerDoubling);

    private const int FirstDoubling = 6;
    private const int LastDoubling = 38;
    private const int PerDoubling = 8;

    /// <summary>The bucket of a value; all below 64 share the first one, all from 2³⁸ on the last.</summary>
    public static int Of(long value)
    {
        if (value < 1L << FirstDoubling)
        {
            return 0;
        }

        var doubling = BitOperations.Log2((ulong)value);
        return doubling >= LastDoubling ? Count - 1 : 1 + ((doubling - FirstDoubling) * PerDoubling) + (int)((value >> (doubling - 3)) & 7);
    }

    /// <summary>The least value that is above a bucket.</summary>
    public static long End(int index)
    {
        if (index == 0)
        {
            return 1L << FirstDoubling;
        }

        var (doubling, part) = Math.DivRem(index - 1, PerDoubling);
        return (long)(PerDoubling + part + 1) << (doubling + FirstDoubling - 3);
    }

    /// <summary>The sum of two histograms, in the order of their buckets.</summary>
    public static ImmutableArray<Bucket> Merge(ImmutableArray<Bucket> a, ImmutableArray<Bucket> b)
    {
        if (a.IsDefaultOrEmpty || b.IsDefaultOrEmpty)
        {
            return a.IsDefaultOrEmpty ? (b.IsDefault ? [] : b) : a;
        }

        var sum = ImmutableArray.CreateBuilder<Bucket>();
        for (int i = 0, j = 0; i < a.Length || j < b.Length;)
        {
            var (left, right) = (i < a.Length ? a[i].Index : int.MaxValue, j < b.Length ? b[j].Index : int.MaxValue);
            sum.Add(left == right ? new Bucket(left, a[i].Count + b[j].Count, a[i++].Sum + b[j++].Sum) : left < right ? a[i++] : b[j++]);
        }

        return sum.ToImmutable();
    }
}

/// <summary>What an edge counted since its last batch for the same step.</summary>
/// <param name="Number">1, 2, 3 … for each edge and step.</param>
/// <param name="Step">The step that the edge counted for, from 1.</param>
[GenerateSerializer, Immutable, Alias("sluice.figures-batch")]
public sealed record FiguresBatch(
    [property: Id(0)] string Edge,
    [property: Id(1)] long Number,
    [property: Id(2)] int Step,
    [property: Id(3)] PartFigures Old,
    [property: Id(4)] PartFigures New);
