using System.Buffers.Binary;
using System.IO.Hashing;

namespace Sluice.Edge.Metering.Journal;

/// <summary>
/// Finds the entries of a segment. Each has a mark, its length, and a checksum over its content and place. Where none stands, because the process was killed while it wrote
/// one, or because a disk has damaged it, the next one is looked for: entries begin at multiples of eight.
/// </summary>
internal static class EntryScan
{
    /// <summary>Entries begin at multiples of this.</summary>
    public const int Step = 8;

    /// <summary>The mark, length and checksum before each entry's content.</summary>
    public const int Head = 16;

    private const uint Mark = 0x45_4A_4C_53;

    /// <summary>How much room an entry takes.</summary>
    public static int RoomFor(int contentLength) => (Head + contentLength + Step - 1) / Step * Step;

    /// <summary>Fills in the head of an entry.</summary>
    /// <param name="entry">Head and content.</param>
    /// <param name="at">Where it will stand.</param>
    /// <param name="seed">The segment's.</param>
    public static void Close(Span<byte> entry, int at, long seed)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(entry, Mark);
        BinaryPrimitives.WriteInt32LittleEndian(entry[4..], entry.Length - Head);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], Hash(entry[Head..], at, seed));
    }

    /// <summary>The length of the content of the entry that stands at the beginning; -1: none does.</summary>
    /// <param name="bytes">What is there, from the place on.</param>
    /// <param name="at">The place in the segment.</param>
    /// <param name="seed">The segment's.</param>
    public static int LengthAt(ReadOnlySpan<byte> bytes, int at, long seed)
    {
        if (bytes.Length < Head || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Mark)
        {
            return -1;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        return length > 0 && length <= bytes.Length - Head && BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) == Hash(bytes.Slice(Head, length), at, seed) ? length : -1;
    }

    private static ulong Hash(ReadOnlySpan<byte> content, int at, long seed) => XxHash3.HashToUInt64(content, seed + at);
}
