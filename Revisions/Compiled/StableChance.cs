using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Sluice.Revisions.Compiled;

/// <summary>
/// A chance that is the same for the same name and value, on every machine and under every revision: XXH3 (64 bits) over the value's UTF-16 (little-endian), seeded with
/// XXH3 over the name's, of which the upper 53 bits are the fraction. Sticky splits and flags share it.
/// </summary>
internal static class StableChance
{
    /// <summary>The seed of what is called so.</summary>
    public static long Seed(ReadOnlySpan<char> name) => (long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(name));

    /// <summary>From 0 to below 1.</summary>
    public static double Of(ReadOnlySpan<char> value, long seed) => (XxHash3.HashToUInt64(MemoryMarshal.AsBytes(value), seed) >> 11) * (1.0 / (1UL << 53));
}
