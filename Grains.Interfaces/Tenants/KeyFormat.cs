using System.Globalization;
using System.IO.Hashing;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Grains.Interfaces.Tenants;

/// <summary>
/// The form of keys: a prefix, 43 base62 characters (256 bits of chance) and 6 characters of checksum: CRC-32 of all before it, in base62.
/// A mistyped key is refused without asking anyone.
/// </summary>
public static class KeyFormat
{
    /// <summary>Begins the keys of clients.</summary>
    public const string ClientPrefix = "slc_live_";

    /// <summary>Begins the keys of operators.</summary>
    public const string AdminPrefix = "slc_admin_";

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int BodyLength = 43;
    private const int ChecksumLength = 6;

    /// <summary>A new key from 256 bits of the system's secure random numbers.</summary>
    public static string Create(string prefix)
    {
        Span<byte> random = stackalloc byte[32];
        RandomNumberGenerator.Fill(random);
        var number = new BigInteger(random, isUnsigned: true);
        Span<char> body = stackalloc char[BodyLength];
        for (var i = BodyLength - 1; i >= 0; i--)
        {
            number = BigInteger.DivRem(number, Alphabet.Length, out var digit);
            body[i] = Alphabet[(int)digit];
        }

        var start = string.Concat(prefix, body);
        return start + Checksum(Encoding.ASCII.GetBytes(start));
    }

    /// <summary>Whether a key has the prefix, length, alphabet and checksum that it must have.</summary>
    public static bool IsWellFormed(ReadOnlySpan<char> key, string prefix)
    {
        var length = prefix.Length + BodyLength + ChecksumLength;
        if (key.Length != length || !key.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        Span<byte> ascii = stackalloc byte[length];
        if (!Ascii.IsValid(key) || Encoding.ASCII.GetBytes(key, ascii) != length)
        {
            return false;
        }

        return key[^ChecksumLength..].SequenceEqual(Checksum(ascii[..^ChecksumLength]));
    }

    /// <summary>The four characters before the checksum, by which people tell keys apart.</summary>
    public static string Last4(string key) => key.Substring(key.Length - ChecksumLength - 4, 4);

    /// <summary>The hash under which a key is stored: the pepper's version, a dot, HMAC-SHA-256 in lower-case hex.</summary>
    public static string Hash(int pepperVersion, ReadOnlySpan<byte> pepper, ReadOnlySpan<char> key)
    {
        Span<byte> utf8 = stackalloc byte[Encoding.UTF8.GetMaxByteCount(key.Length)];
        var written = Encoding.UTF8.GetBytes(key, utf8);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(pepper, utf8[..written], mac);
        return string.Create(CultureInfo.InvariantCulture, $"{pepperVersion}.{Convert.ToHexStringLower(mac)}");
    }

    private static string Checksum(ReadOnlySpan<byte> start)
    {
        var crc = Crc32.HashToUInt32(start);
        Span<char> digits = stackalloc char[ChecksumLength];
        for (var i = ChecksumLength - 1; i >= 0; i--)
        {
            (crc, var digit) = Math.DivRem(crc, (uint)Alphabet.Length);
            digits[i] = Alphabet[(int)digit];
        }

        return new string(digits);
    }
}
