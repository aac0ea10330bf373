using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sluice.Storage.Azure;

/// <summary>Names one state of one grain in the table. Different names give different keys, whatever characters they are made of.</summary>
/// <param name="Partition">The service and a number by hash, so that grains of one number share transactions.</param>
/// <param name="Row">Grain type, state name and grain key.</param>
internal sealed record StateKey(string Partition, string Row)
{
    // A table key holds 512 characters; the rest is for the hash of what was cut.
    private const int LongestRow = 512;
    private const int KeptOfLongRow = 400;

    public static StateKey Of(string service, string grainType, string grainKey, string stateName, int partitions)
    {
        var row = $"{Escape(grainType)}_{Escape(stateName)}_{Escape(grainKey)}";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(row));
        var number = BinaryPrimitives.ReadUInt32BigEndian(hash) % (uint)partitions;

        // "~~" stands in no escaped text: a cut key is never the key of another grain.
        var key = row.Length <= LongestRow ? row : $"{row.AsSpan(0, KeptOfLongRow)}~~{Convert.ToHexStringLower(hash)}";
        return new StateKey(string.Create(CultureInfo.InvariantCulture, $"{Escape(service)}_{number:d4}"), key);
    }

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
                escaped.Append('~').Append(b.ToString("x2", CultureInfo.InvariantCulture));
            }
        }

        return escaped.ToString();
    }

    public override string ToString() => Row;
}
