using System.IO.MemoryMappedFiles;
using Sluice.Grains.Interfaces.Sealing;
using Sluice.Grains.Interfaces.Usage;

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

    /// <summary>Empties one in which nothing is wanted any more, from its beginning on: should the process be killed meanwhile, the rest is left.</summary>
    public void Blank()
    {
        using var mapped = Mapped();
        mapped.Span[SegmentHead.Length..].Clear();
    }

    /// <summary>Makes a new segment of one that was emptied: its file stays mapped, and the system keeps its pages. The old one takes no more, for it was full.</summary>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public JournalSegment Renew(string path, SegmentHead head)
    {
        File.Move(Path, path);
        using var mapped = Mapped();
        head.ToBytes().CopyTo(mapped.Span);
        return new JournalSegment(path, head, Size, _file, _view);
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
            using var mapped = Mapped();
            entry.CopyTo(mapped.Span[(int)at..]);
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

    /// <summary>Goes through its entries, from the one at a place on.</summary>
    public EntryWalk Walk(int from)
    {
        // In this order: what was reserved before nobody wrote is written, or never will be.
        var written = (int)Math.Min(Volatile.Read(ref _tail), Size);
        return new EntryWalk(Mapped(), from, written, isQuiet: Interlocked.Read(ref _writers) == 0, Head.Seed);
    }

    /// <summary>The records of settled attempts from a place on and where each stands, the place after the last one, and whether nothing more stands there.</summary>
    public (List<(AttemptRecord Record, int At)> Settled, int Next, bool IsEnd) Read(int from, int most)
    {
        var settled = new List<(AttemptRecord, int)>();
        using var walk = Walk(from);
        while (settled.Count < most && walk.MoveNext())
        {
            if (walk.Entry.Kind is EntryKind.Settled)
            {
                settled.Add((walk.Entry.Read(walk.At).Record!, walk.At));
            }
        }

        return (settled, walk.Next, walk.IsEnd);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private MappedBytes Mapped() => new(_view.SafeMemoryMappedViewHandle, Size);

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
