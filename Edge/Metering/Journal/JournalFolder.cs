using Sluice.Grains.Interfaces.Sealing;

namespace Sluice.Edge.Metering.Journal;

/// <summary>The folder of a journal, held by one process at a time, and how much room its files take.</summary>
internal sealed class JournalFolder : IDisposable
{
    private const string Ending = ".journal";
    private readonly JournalPlace _place;
    private readonly FileStream _lock;
    private long _bytes;

    private JournalFolder(JournalPlace place, FileStream held)
    {
        (_place, _lock) = (place, held);
        _bytes = Files().Sum(file => new FileInfo(file).Length);
    }

    /// <summary>Whose segments are of concern.</summary>
    public long Owner => _place.Owner;

    /// <summary>What all files take.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Holds the folder, making it where it is not there.</summary>
    /// <exception cref="IOException">Another edge holds it, or it cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static JournalFolder Hold(JournalPlace place)
    {
        Directory.CreateDirectory(place.Folder);
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnlyFile.Mode;
        }

        return new JournalFolder(place, new FileStream(Path.Combine(place.Folder, "lock"), options));
    }

    /// <summary>The segments of all starts.</summary>
    public IReadOnlyList<string> Files() => [.. Directory.GetFiles(_place.Folder, $"*{Ending}").Order(StringComparer.Ordinal)];

    /// <summary>Makes a segment; null: there would be more than the journal may take.</summary>
    /// <exception cref="IOException">The disk is full, or cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public JournalSegment? TryMake(string name, SegmentHead head)
    {
        if (Bytes + _place.SegmentBytes > _place.MostBytes)
        {
            return null;
        }

        var made = JournalSegment.Create(PathOf(name), head, _place.SegmentBytes);
        Interlocked.Add(ref _bytes, _place.SegmentBytes);
        return made;
    }

    /// <summary>Makes a new segment of one that was emptied.</summary>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public JournalSegment Renew(JournalSegment old, string name, SegmentHead head) => old.Renew(PathOf(name), head);

    /// <summary>Removes a segment.</summary>
    public void Remove(JournalSegment segment)
    {
        segment.Dispose();
        Remove(segment.Path, segment.Size);
    }

    /// <summary>Removes a segment of a former start.</summary>
    public void Remove(string path) => Remove(path, new FileInfo(path).Length);

    /// <summary>Puts a file out of the way that cannot be read.</summary>
    public void SetAside(string path)
    {
        var size = new FileInfo(path).Length;
        File.Move(path, $"{path}.damaged", overwrite: true);
        Interlocked.Add(ref _bytes, -size);
    }

    public override string ToString() => _place.Folder;

    public void Dispose() => _lock.Dispose();

    private void Remove(string path, long size)
    {
        File.Delete(path);
        Interlocked.Add(ref _bytes, -size);
    }

    private string PathOf(string name) => Path.Combine(_place.Folder, $"{name}{Ending}");
}
