using System.Buffers;
using System.Buffers.Binary;
using Orleans.Runtime;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Session;

namespace Sluice.Silo.Clustering.Origin;

/// <summary>
/// The beginning of a message as Orleans 10 writes it: the lengths of header and body, then flags, id, sender and receiver. Read with Orleans' own reader,
/// so that nothing is read differently here and there. Tests show that it is still so.
/// </summary>
internal readonly record struct FrameHead(FrameDirection Direction, GrainId Sender, GrainId Receiver)
{
    /// <summary>The two lengths.</summary>
    public const int LengthsSize = 2 * sizeof(int);

    /// <summary>Reads the lengths of header and body.</summary>
    public static (int Header, int Body) ReadLengths(in ReadOnlySequence<byte> frame)
    {
        Span<byte> lengths = stackalloc byte[LengthsSize];
        frame.Slice(0, LengthsSize).CopyTo(lengths);
        return (BinaryPrimitives.ReadInt32LittleEndian(lengths), BinaryPrimitives.ReadInt32LittleEndian(lengths[sizeof(int)..]));
    }

    /// <summary>Reads a header.</summary>
    public static FrameHead Read(in ReadOnlySequence<byte> header, SerializerSession session)
    {
        var reader = Reader.Create(header, session);
        var flags = reader.ReadUInt32();
        _ = reader.ReadInt64();
        return new FrameHead((FrameDirection)((flags >> 16) & 0xF), ReadGrain(ref reader), ReadGrain(ref reader));
    }

    private static GrainId ReadGrain<TInput>(ref Reader<TInput> reader) => new(new GrainType(IdSpanCodec.ReadRaw(ref reader)), IdSpanCodec.ReadRaw(ref reader));
}

/// <summary>What a message is.</summary>
internal enum FrameDirection
{
    /// <summary>A call that wants an answer.</summary>
    Request = 1,

    /// <summary>The answer.</summary>
    Response = 2,

    /// <summary>A call that wants none.</summary>
    OneWay = 3,
}
