using System.Globalization;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>
/// Reads the records of one tenant's day, from files and from what is in none yet, while records may be brought from one to the other. One file at a time is in memory, and
/// of its records only those that are wanted.
/// </summary>
/// <param name="grains">Who keep what is in no file.</param>
/// <param name="workspace">Whose tenants they are.</param>
/// <param name="archive">Where the files are.</param>
public sealed class DayRecords(IGrainFactory grains, string workspace, IRecordArchive archive)
{
    // Each look that sees records on their way is followed by another; more in a row are no race.
    private const int MostLooks = 5;

    /// <summary>The newest that are wanted, newest first.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="day"><c>yyyyMMdd</c>.</param>
    /// <param name="wanted">Which; files of other times are not read.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidDataException">A file is missing or damaged.</exception>
    public async Task<IReadOnlyList<AttemptRecord>> ReadAsync(string tenant, int day, RecordFilter wanted, int most, CancellationToken cancellation)
    {
        var grain = grains.GetGrain<IUsageGrain>(GrainKeys.Join(workspace, tenant, day.ToString(CultureInfo.InvariantCulture)));
        var isReadAnew = false;
        for (var look = 1; ; look++)
        {
            cancellation.ThrowIfCancellationRequested();
            var places = await grain.GetPlacesAsync();
            var records = await ReadAsync(grain, places, wanted, most, cancellation);
            var after = await grain.GetPlacesAsync();
            if (after.FirstWaiting == places.FirstWaiting && after.Files.SequenceEqual(places.Files))
            {
                if (records is null && !isReadAnew)
                {
                    // Where a cluster is torn, the other half may have merged the file into another.
                    await grain.ReadAnewAsync();
                    isReadAnew = true;
                    continue;
                }

                return records ?? throw new InvalidDataException($"A file of the records of {tenant} of {day} is missing in the archive: it was removed by something else than Sluice, or not restored.");
            }

            if (look == MostLooks)
            {
                throw new InvalidDataException($"The records of {tenant} of {day} are being brought to other files all the time.");
            }
        }
    }

    private async Task<IReadOnlyList<AttemptRecord>?> ReadAsync(IUsageGrain grain, RecordPlaces places, RecordFilter wanted, int most, CancellationToken cancellation)
    {
        var newest = new List<AttemptRecord>();
        for (long? from = places.FirstWaiting; from < places.Next;)
        {
            var waiting = await grain.GetWaitingAsync(from.Value);
            Take(newest, waiting.Records, wanted, most);
            from = waiting.NextBatch;
        }

        foreach (var file in places.Files.Where(file => file.Last >= wanted.From && file.First <= wanted.To))
        {
            cancellation.ThrowIfCancellationRequested();
            if (await archive.ReadAsync(file.Name) is not { } content)
            {
                return null;
            }

            Take(newest, await RecordParquet.ReadAsync(content), wanted, most);
        }

        return newest;
    }

    private static void Take(List<AttemptRecord> newest, IEnumerable<AttemptRecord> records, RecordFilter wanted, int most)
    {
        newest.AddRange(records.Where(wanted.Takes));
        newest.Sort(static (a, b) => b.Ended.CompareTo(a.Ended) is not 0 and var order ? order : string.CompareOrdinal(b.Id, a.Id));
        if (newest.Count > most)
        {
            newest.RemoveRange(most, newest.Count - most);
        }
    }
}
