using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Edge.Identity;

/// <summary>SHA-256 of a key: what an edge keeps in a key's place, so that no key rests in its memory. Keys have 256 bits of chance: a plain hash is enough.</summary>
public readonly record struct KeyDigest
{
    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    private KeyDigest(ReadOnlySpan<byte> hash)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(hash);
        (_a, _b, _c, _d) = (words[0], words[1], words[2], words[3]);
    }

    /// <summary>The longest text that may be a key or a token; longer ones are none.</summary>
    public const int Longest = 8 * 1024;

    private const int LongestOnStack = 256;

    /// <summary>Hashes a key or token; false where the text cannot be one: too long, or not ASCII. Allocates nothing.</summary>
    public static bool TryCreate(ReadOnlySpan<char> key, out KeyDigest digest)
    {
        digest = default;
        if (key.Length is 0 or > Longest)
        {
            return false;
        }

        var rented = key.Length > LongestOnStack ? ArrayPool<byte>.Shared.Rent(key.Length) : null;
        var ascii = rented is null ? stackalloc byte[LongestOnStack] : rented.AsSpan(0, key.Length);
        try
        {
            if (Ascii.FromUtf16(key, ascii, out var written) != OperationStatus.Done)
            {
                return false;
            }

            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(ascii[..written], hash);
            digest = new KeyDigest(hash);
            return true;
        }
        finally
        {
            ascii.Clear();
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    // HashCode is seeded anew in each process: nobody can choose keys that fall into one bucket.
    public override int GetHashCode() => HashCode.Combine(_a, _b);

    public override string ToString() => "***";
}
