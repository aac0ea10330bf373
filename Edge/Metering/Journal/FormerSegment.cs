namespace Sluice.Edge.Metering.Journal;

/// <summary>A segment that a former start has left.</summary>
/// <param name="Path">The file.</param>
/// <param name="Head">Whose it is.</param>
/// <param name="HasGap">Something was not kept.</param>
/// <param name="Broken">How many places in it hold something that is no entry: one was being written when the process was killed, or the disk has damaged it.</param>
/// <param name="Entries">In their order.</param>
internal sealed record FormerSegment(string Path, SegmentHead Head, bool HasGap, int Broken, IReadOnlyList<JournalEntry> Entries)
{
    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">Its head is damaged.</exception>
    public static FormerSegment Read(string path)
    {
        var bytes = File.ReadAllBytes(path).AsSpan();
        var head = SegmentHead.Read(bytes);
        var entries = new List<JournalEntry>();
        var (broken, isBroken) = (0, false);
        for (var at = SegmentHead.Length; at + EntryScan.Head <= bytes.Length;)
        {
            if (EntryScan.LengthAt(bytes[at..], at, head.Seed) is var length and >= 0)
            {
                entries.Add(new EntryReader(bytes.Slice(at + EntryScan.Head, length)).Read(at));
                at += EntryScan.RoomFor(length);
                isBroken = false;
                continue;
            }

            if (!isBroken && bytes.Slice(at, EntryScan.Step).ContainsAnyExcept((byte)0))
            {
                (broken, isBroken) = (broken + 1, true);
            }

            at += EntryScan.Step;
        }

        return new FormerSegment(path, head, bytes[SegmentHead.GapAt] != 0, broken, entries);
    }
}
