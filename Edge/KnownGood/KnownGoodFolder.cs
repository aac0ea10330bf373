using System.Globalization;
using System.Text;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Sealing;

namespace Sluice.Edge.KnownGood;

/// <summary>Where an edge keeps the revisions that it ran.</summary>
/// <param name="Folder">Its own: no other edge writes there.</param>
/// <param name="Key">32 bytes.</param>
/// <param name="Cluster">The cluster's name.</param>
/// <param name="Workspace">The workspace's name.</param>
public sealed record KnownGoodPlace(string Folder, byte[] Key, string Cluster, string Workspace)
{
    public override string ToString() => Folder;
}

/// <summary>
/// The last three revisions that an edge ran, each in a sealed file that is replaced atomically, and the marker of the one that it is about to run. Whatever is
/// unreadable is passed over. See docs/reload.md.
/// </summary>
internal sealed class KnownGoodFolder(KnownGoodPlace place)
{
    private const int Kept = 3;
    private const string Ending = ".sealed";
    private readonly string _marker = Path.Combine(place.Folder, "applying");

    /// <summary>Writes a record, and lets go of all but the last three.</summary>
    /// <exception cref="IOException">The disk is full, or cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public void Save(KnownGoodRecord record)
    {
        OwnerOnlyFile.Write(PathOf(record.Head), SealedRecord.Write(record, place.Key, place.Cluster, place.Workspace), flush: true, overwrite: true);
        foreach (var old in Files().Skip(Kept))
        {
            File.Delete(old);
        }
    }

    /// <summary>The edge's right to run a revision was good until now: the age of the file tells for how long it was not.</summary>
    public void Touch(Head head, DateTimeOffset now) => File.SetLastWriteTimeUtc(PathOf(head), now.UtcDateTime);

    /// <summary>The readable records, newest first, and since when each may be stale. What cannot be read is told with the reason.</summary>
    public IEnumerable<(KnownGoodRecord Record, DateTimeOffset GoodUntil)> Load(Action<string, string> unreadable)
    {
        foreach (var file in Files())
        {
            KnownGoodRecord? record = null;
            try
            {
                record = SealedRecord.Read(File.ReadAllBytes(file), place.Key, place.Cluster, place.Workspace);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                unreadable(file, e.Message);
            }

            if (record is not null)
            {
                yield return (record, new DateTimeOffset(File.GetLastWriteTimeUtc(file), TimeSpan.Zero));
            }
        }
    }

    /// <summary>Marks a revision as about to be run; if the edge dies, the marker tells of which.</summary>
    public void Mark(Applying applying) =>
        OwnerOnlyFile.Write(_marker, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{applying.Hash} {applying.Deaths}")), flush: false, overwrite: true);

    /// <summary>What an edge marked and did not live to unmark, or null.</summary>
    public Applying? Marked()
    {
        try
        {
            return File.Exists(_marker) && File.ReadAllText(_marker).Split(' ') is [var hash, var deaths] && int.TryParse(deaths, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                ? new Applying(hash, count)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Takes the marker away.</summary>
    public void Unmark() => File.Delete(_marker);

    // The names sort as the heads do.
    private string PathOf(Head head) => Path.Combine(place.Folder, string.Create(CultureInfo.InvariantCulture, $"{head.Term:d19}-{head.Revision:d19}{Ending}"));

    private IEnumerable<string> Files() => Directory.Exists(place.Folder)
        ? Directory.GetFiles(place.Folder, $"*{Ending}").OrderByDescending(Path.GetFileName, StringComparer.Ordinal)
        : [];
}

/// <summary>A revision that an edge is about to run, and how often the edge has died in its first seconds.</summary>
/// <param name="Hash">The revision's hash.</param>
/// <param name="Deaths">In a row.</param>
internal sealed record Applying(string Hash, int Deaths);
