using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Sluice.Edge.Metering.Journal;

/// <summary>What stands at the beginning of a segment: 128 bytes, of which the last but eight are a checksum, and the one before it tells whether something was not kept.</summary>
/// <param name="Start">The start of an edge that wrote it.</param>
/// <param name="Number">1, 2, 3 … for each start.</param>
/// <param name="Seed">Of its entries' checksums: what a disk had there before is never taken for one.</param>
/// <param name="Boot">The machine's boot; empty: not known. What was written before another boot may have been lost on its way to the disk.</param>
/// <param name="Owner">Stands for the cluster and the workspace.</param>
internal sealed record SegmentHead(string Start, long Number, long Seed, string Boot, long Owner)
{
    /// <summary>How long it is.</summary>
    public const int Length = 128;

    /// <summary>Where the byte is that is not 0 once something was not kept.</summary>
    public const int GapAt = 112;

    private const int OwnerAt = 104;
    private const int HashAt = 120;
    private const int TextLength = 40;
    private const uint Version = 1;

    private static ReadOnlySpan<byte> Mark => "SLCJ"u8;

    /// <summary>As it is written.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        Mark.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), Number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), Seed);
        Encoding.ASCII.GetBytes(Start, bytes.AsSpan(24, TextLength));
        Encoding.ASCII.GetBytes(Boot, bytes.AsSpan(24 + TextLength, TextLength));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(OwnerAt), Owner);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(HashAt), XxHash3.HashToUInt64(bytes.AsSpan(0, GapAt)));
        return bytes;
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">It is no segment, or its head is damaged.</exception>
    public static SegmentHead Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Length || !bytes.StartsWith(Mark))
        {
            throw new InvalidDataException("it is no segment of a journal, or its beginning is lost");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) is var version and not Version)
        {
            throw new InvalidDataException($"it has version {version}, and this edge reads {Version}");
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(bytes[HashAt..]) == XxHash3.HashToUInt64(bytes[..GapAt])
            ? new SegmentHead(
                Encoding.ASCII.GetString(bytes.Slice(24, TextLength)).TrimEnd('\0'),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
                Encoding.ASCII.GetString(bytes.Slice(24 + TextLength, TextLength)).TrimEnd('\0'),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[OwnerAt..]))
            : throw new InvalidDataException("its beginning is damaged");
    }
}
