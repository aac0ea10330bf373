using System.Buffers;
using System.IO.MemoryMappedFiles;
using Sluice.Grains.Interfaces.Sealing;

namespace Sluice.Edge.Metering.Journal;

/// <summary>
/// One file of the journal, all of its room taken on the disk beforehand and mapped into memory. Entries are written side by side, each at a place that one interlocked
/// step reserves; no call to the system is made. What is written is the system's to keep from then on, whatever becomes of the process. Safe for concurrent use.
/// </summary>
internal sealed class JournalSegment : IDisposable
{
    /// <summary>The room that a writer leaves before an entry's content.</summary>
    public const int EntryHead = EntryScan.Head;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private long _tail = SegmentHead.Length;
    private long _writers;
    private long _open;

    private JournalSegment(string path, SegmentHead head, int size, MemoryMappedFile file, MemoryMappedViewAccessor view) =>
        (Path, Head, Size, _file, _view) = (path, head, size, file, view);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Whose it is.</summary>
    public SegmentHead Head { get; }

    /// <summary>In bytes.</summary>
    public int Size { get; }

    /// <summary>Up to where it has been looked through by who lets it go.</summary>
    public int LookedTo { get; set; } = SegmentHead.Length;

    /// <summary>Whether most of it is written.</summary>
    public bool IsNearlyFull => Volatile.Read(ref _tail) > Size / 2;

    /// <summary>Whether nobody writes into it, and no attempt that began here is under way. Of use once nothing more begins here.</summary>
    public bool IsQuiet => Interlocked.Read(ref _writers) == 0 && Interlocked.Read(ref _open) == 0;

    /// <summary>Makes a segment; when this returns its room is taken.</summary>
    /// <exception cref="IOException">The disk is full, or cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static JournalSegment Create(string path, SegmentHead head, int size)
    {
        try
        {
            using (var stream = new FileStream(path, NewFile()))
            {
                stream.Write(head.ToBytes());

                // Written, not only promised: a page that the disk has no room for would end the process when it is written later.
                var blank = new byte[64 * 1024];
                for (var left = size - SegmentHead.Length; left > 0; left -= blank.Length)
                {
                    stream.Write(blank.AsSpan(0, Math.Min(left, blank.Length)));
                }
            }

            var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, size, MemoryMappedFileAccess.ReadWrite);
            return new JournalSegment(path, head, size, file, file.CreateViewAccessor(0, size));
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>An attempt that began here is under way.</summary>
    public void Open() => Interlocked.Increment(ref _open);

    /// <summary>It was settled, here or in another segment.</summary>
    public void Close() => Interlocked.Decrement(ref _open);

    /// <summary>Writes an entry and tells where; -1: it has no room, and will have none.</summary>
    /// <param name="entry">With room for its head in front.</param>
    public int TryAppend(Span<byte> entry)
    {
        Interlocked.Increment(ref _writers);
        try
        {
            var room = EntryScan.RoomFor(entry.Length - EntryHead);
            var at = Interlocked.Add(ref _tail, room) - room;
            if (at + room > Size)
            {
                return -1;
            }

            EntryScan.Close(entry, (int)at, Head.Seed);
            _view.SafeMemoryMappedViewHandle.WriteSpan((ulong)at, (ReadOnlySpan<byte>)entry);
            return (int)at;
        }
        finally
        {
            Interlocked.Decrement(ref _writers);
        }
    }

    /// <summary>Makes an entry as if it had not been written.</summary>
    public void Void(int at) => _view.Write(at, 0);

    /// <summary>Notes that something was not kept, which no later look can find out.</summary>
    public void MarkGap() => _view.Write(SegmentHead.GapAt, (byte)1);

    /// <summary>
    /// The entries from a place on, the place after them, and whether nothing more stands there. Where an entry is just being written it ends before it; one that was broken
    /// off is passed over.
    /// </summary>
    public (List<JournalEntry> Entries, int Next, bool IsEnd) Read(int from, int most)
    {
        // In this order: what was reserved before nobody wrote is written, or never will be.
        var written = (int)Math.Min(Volatile.Read(ref _tail), Size);
        var isQuiet = Interlocked.Read(ref _writers) == 0;
        var entries = new List<JournalEntry>();
        if (from >= written)
        {
            return (entries, from, true);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(written - from);
        try
        {
            var bytes = buffer.AsSpan(0, written - from);
            _view.SafeMemoryMappedViewHandle.ReadSpan((ulong)from, bytes);
            var at = from;
            while (at < written && entries.Count < most)
            {
                if (EntryScan.LengthAt(bytes[(at - from)..], at, Head.Seed) is var length and >= 0)
                {
                    entries.Add(new EntryReader(bytes.Slice(at - from + EntryHead, length)).Read(at));
                    at += EntryScan.RoomFor(length);
                }
                else if (isQuiet)
                {
                    at += EntryScan.Step;
                }
                else
                {
                    break;
                }
            }

            return (entries, at, at >= written);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private static FileStreamOptions NewFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnlyFile.Mode;
        }

        return options;
    }
}
