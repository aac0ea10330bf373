using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering.Journal;

/// <summary>
/// Writes an entry into memory of its thread, with room in front for its head. All numbers are little-endian; a text is its length in two bytes and UTF-8.
/// </summary>
internal ref struct EntryWriter
{
    private const int LongestText = ushort.MaxValue;
    private const int FixedBytes = 256;
    private const int MostKept = 16 * 1024;

    // Each entry is written and let go of at once: a shared pool, from which requests in flight take too, was mostly found empty.
    [ThreadStatic]
    private static byte[]? _kept;

    private byte[] _buffer;
    private int _length;

    private EntryWriter(EntryKind kind, int room)
    {
        _buffer = _kept is { } kept && kept.Length >= room + JournalSegment.EntryHead ? kept : new byte[Math.Max(room + JournalSegment.EntryHead, MostKept / 8)];
        _kept = null;
        _length = JournalSegment.EntryHead;
        Byte((byte)kind);
    }

    /// <summary>The head's room and the content.</summary>
    public readonly Span<byte> Entry => _buffer.AsSpan(0, _length);

    /// <summary>The entry of an attempt.</summary>
    public static EntryWriter Attempt(EntryKind kind, AttemptRecord record)
    {
        var writer = new EntryWriter(kind, RoomFor(record));
        writer.Text(record.RequestId);
        writer.Long(record.Attempt);
        writer.Text(record.Tenant);
        writer.Text(record.KeyId);
        writer.Text(record.User);
        writer.Byte((byte)record.Tags.Length);
        foreach (var tag in record.Tags)
        {
            writer.Text(tag);
        }

        writer.Text(record.Asked);
        writer.Text(record.Target);
        writer.Text(record.Prompt);
        writer.Tokens(record.Tokens);
        writer.Long(record.CostNano);
        writer.Text(record.Price);
        writer.Byte((byte)record.Source);
        writer.Long(record.Status);
        writer.Long(record.Arrived.UtcTicks);
        writer.Long(record.FirstByte?.UtcTicks ?? 0);
        writer.Long(record.Ended.UtcTicks);
        writer.Text(record.Edge);
        writer.Long(record.Revision);
        writer.Charges(record.Charges);
        writer.Long(record.Sequence);
        writer.Long(record.Overdraft);
        if (record.Units is not null || record.Saved != default)
        {
            var units = record.Units ?? EntryReader.NoUnits;
            writer.Long(units.Pictures);
            writer.Text(units.Size);
            writer.Text(units.Quality);
            writer.Long(units.SoundMilliseconds);
            writer.Long(units.Characters);
        }

        if (record.Saved != default)
        {
            writer.Long(record.Saved.Answers);
            writer.Long(record.Saved.Tokens);
            writer.Long(record.Saved.Nano);
        }

        return writer;
    }

    /// <summary>The entry of a lease that ended.</summary>
    public static EntryWriter LeaseEnded(in LeaseCharge lease)
    {
        var writer = new EntryWriter(EntryKind.LeaseEnded, FixedBytes + RoomFor(lease));
        writer.Charge(lease);
        return writer;
    }

    /// <summary>The entry of a part of what is carried over.</summary>
    public static EntryWriter Carried(CarriedPart part)
    {
        var writer = new EntryWriter(EntryKind.Carried, FixedBytes + part.Leases.Sum(lease => RoomFor(lease)));
        writer.Long(part.Through);
        writer.Long(part.Part);
        writer.Long(part.Parts);
        writer.Charges(part.Leases);
        return writer;
    }

    public void Dispose()
    {
        if (_buffer.Length is > 0 and <= MostKept)
        {
            _kept = _buffer;
        }

        _buffer = [];
    }

    private static int RoomFor(AttemptRecord record)
    {
        var room = FixedBytes + RoomFor(record.RequestId) + RoomFor(record.Tenant) + RoomFor(record.KeyId) + RoomFor(record.User) + RoomFor(record.Asked)
            + RoomFor(record.Target) + RoomFor(record.Prompt) + RoomFor(record.Price) + RoomFor(record.Edge);
        room += record.Units is { } units ? (3 * sizeof(long)) + RoomFor(units.Size) + RoomFor(units.Quality) : 0;
        foreach (var tag in record.Tags)
        {
            room += RoomFor(tag);
        }

        foreach (var charge in record.Charges)
        {
            room += RoomFor(charge);
        }

        return room;
    }

    private static int RoomFor(in LeaseCharge charge) => 16 + RoomFor(charge.Budget) + RoomFor(charge.Subject) + RoomFor(charge.Holder);

    private static int RoomFor(string text) => 2 + Encoding.UTF8.GetMaxByteCount(text.Length);

    private void Byte(byte value) => _buffer[_length++] = value;

    private void Long(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.AsSpan(_length), value);
        _length += sizeof(long);
    }

    private void Text(string text)
    {
        var count = Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length + 2));
        if (count > LongestText)
        {
            throw new ArgumentException($"A text in a journal has at most {LongestText} bytes.", nameof(text));
        }

        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.AsSpan(_length), (ushort)count);
        _length += 2 + count;
    }

    private void Tokens(in TokenCounts tokens)
    {
        Long(tokens.Input);
        Long(tokens.CachedRead);
        Long(tokens.CacheWrite);
        Long(tokens.InputImage);
        Long(tokens.InputAudio);
        Long(tokens.Output);
        Long(tokens.Reasoning);
        Long(tokens.OutputAudio);
    }

    private void Charges(ImmutableArray<LeaseCharge> charges)
    {
        Long(charges.Length);
        foreach (var charge in charges)
        {
            Charge(charge);
        }
    }

    private void Charge(in LeaseCharge charge)
    {
        Text(charge.Budget);
        Text(charge.Subject);
        Text(charge.Holder);
        Long(charge.Window);
        Long(charge.Amount);
    }
}
