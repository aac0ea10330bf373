using System.Security.Cryptography;

namespace Sluice.Edge.Upstreams;

/// <summary>Fast chance for choosing among equals, one xoroshiro128+ generator a thread (https://prng.di.unimi.it); never for secrets.</summary>
internal static class Chance
{
    [ThreadStatic]
    private static ulong _a;

    [ThreadStatic]
    private static ulong _b;

    /// <summary>From 0 to below 1.</summary>
    public static double Next()
    {
        if ((_a | _b) == 0)
        {
            Span<byte> seed = stackalloc byte[16];
            RandomNumberGenerator.Fill(seed);
            _a = BitConverter.ToUInt64(seed) | 1;
            _b = BitConverter.ToUInt64(seed[8..]);
        }

        var sum = _a + _b;
        var mixed = _a ^ _b;
        _a = ulong.RotateLeft(_a, 24) ^ mixed ^ (mixed << 16);
        _b = ulong.RotateLeft(mixed, 37);
        return (sum >> 11) * (1.0 / (1UL << 53));
    }
}
