namespace Sluice.Edge.Metering.Journal;

/// <summary>
/// Goes from entry to entry of a segment that is mapped, and makes nothing of them by itself. Where an entry is just being written it ends before it; one that was broken
/// off is passed over.
/// </summary>
/// <param name="mapped">The segment; let go of with this.</param>
/// <param name="from">Where the first entry stands.</param>
/// <param name="written">Where the last one ends.</param>
/// <param name="isQuiet">Nobody writes into what is gone through.</param>
/// <param name="seed">The segment's.</param>
internal ref struct EntryWalk(MappedBytes mapped, int from, int written, bool isQuiet, long seed)
{
    private readonly MappedBytes _mapped = mapped;
    private readonly ReadOnlySpan<byte> _bytes = mapped.Span[..written];

    /// <summary>Where the entry stands.</summary>
    public int At { get; private set; } = from;

    /// <summary>The place after it.</summary>
    public int Next { get; private set; } = from;

    /// <summary>Whether nothing more stands there.</summary>
    public readonly bool IsEnd => Next >= _bytes.Length;

    /// <summary>Reads the entry.</summary>
    public EntryReader Entry { get; private set; }

    /// <summary>Goes to the next; false: none stands there yet.</summary>
    public bool MoveNext()
    {
        while (!IsEnd)
        {
            if (EntryScan.LengthAt(_bytes[Next..], Next, seed) is var length and >= 0)
            {
                At = Next;
                Entry = new EntryReader(_bytes.Slice(At + EntryScan.Head, length));
                Next += EntryScan.RoomFor(length);
                return true;
            }

            if (!isQuiet)
            {
                return false;
            }

            Next += EntryScan.Step;
        }

        return false;
    }

    public readonly void Dispose() => _mapped.Dispose();
}
