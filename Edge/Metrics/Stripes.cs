using System.Numerics;

namespace Sluice.Edge.Metrics;

/// <summary>Counts that all cores make at once are kept in stripes, of which each core has one of its own; whoever asks adds them up.</summary>
internal static class Stripes
{
    /// <summary>How many counts lie between two stripes at least: two cache lines, for processors fetch lines in pairs.</summary>
    public const int Gap = 16;

    private const uint Most = 16;

    /// <summary>How many there are: a power of two.</summary>
    public static readonly int Count = (int)BitOperations.RoundUpToPowerOf2(Math.Clamp((uint)Environment.ProcessorCount, 1, Most));

    /// <summary>The one of the core that asks.</summary>
    public static int Current => Thread.GetCurrentProcessorId() & (Count - 1);
}
