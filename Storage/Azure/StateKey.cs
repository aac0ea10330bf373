using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Storage.Azure;

/// <summary>Names one state of one grain in the table. Different names give different keys, whatever characters they are made of.</summary>
/// <param name="Partition">The service and a number by hash, so that grains of one number share transactions.</param>
/// <param name="Row">The name, where it is not too long for a key; else its beginning and its hash.</param>
/// <param name="Name">Grain type, state name and grain key, whole.</param>
internal sealed record StateKey(string Partition, string Row, string Name)
{
    /// <summary>The most characters of a name: a property of a row holds no more.</summary>
    public const int LongestName = 32 * 1024;

    // A table key holds 512 characters; the rest is for the hash of what was cut.
    private const int LongestRow = 512;
    private const int KeptOfLongRow = 400;

    // Stands in no escaped text: a cut key is never the key of another grain.
    private const string Cut = "~~";

    private const char Separator = '_';
    private const char Escaped = '~';

    /// <summary>The key of a state.</summary>
    /// <exception cref="ArgumentException">The name is longer than <see cref="LongestName"/>.</exception>
    public static StateKey Of(string service, string grainType, string grainKey, string stateName, int partitions)
    {
        var name = $"{Escape(grainType)}{Separator}{Escape(stateName)}{Separator}{Escape(grainKey)}";
        if (name.Length > LongestName)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"The name of a state has at most {LongestName} characters as it is stored; that of {grainType} {grainKey.AsSpan(0, Math.Min(64, grainKey.Length))}… has {name.Length}."), nameof(grainKey));
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        var number = BinaryPrimitives.ReadUInt32BigEndian(hash) % (uint)partitions;
        var row = name.Length <= LongestRow ? name : $"{name.AsSpan(0, KeptOfLongRow)}{Cut}{Convert.ToHexStringLower(hash)}";
        return new StateKey(string.Create(CultureInfo.InvariantCulture, $"{Prefix(service)}{number:d4}"), row, name);
    }

    /// <summary>What every partition of a service begins with, and no partition of another.</summary>
    public static string Prefix(string service) => $"{Escape(service)}{Separator}";

    /// <summary>What the row of every such state begins with, and no other row.</summary>
    public static string Prefix(string grainType, string stateName) => $"{Escape(grainType)}{Separator}{Escape(stateName)}{Separator}";

    /// <summary>Takes a name apart; null where it is none, such as a row key that was cut.</summary>
    public static (string GrainType, string GrainKey, string StateName)? Parse(string name) =>
        name.Split(Separator) is [var type, var state, var key] && Unescape(type) is { } grainType && Unescape(state) is { } stateName && Unescape(key) is { } grainKey
            ? (grainType, grainKey, stateName)
            : null;

    /// <summary>Letters, digits, '-' and '.' as they are, every other byte of the UTF-8 text as '~' and two hexadecimal digits.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.')
            {
                escaped.Append((char)b);
            }
            else
            {
                escaped.Append(Escaped).Append(b.ToString("x2", CultureInfo.InvariantCulture));
            }
        }

        return escaped.ToString();
    }

    private static string? Unescape(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != Escaped)
            {
                bytes.Add((byte)text[i]);
            }
            else if (i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var b))
            {
                bytes.Add(b);
                i += 2;
            }
            else
            {
                return null;
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    public override string ToString() => Row;
}
