using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>
/// Brings records from rows to a file, and small files to larger ones. The order of its steps is what makes it safe: the file's name is stored as doomed, the file is
/// written, the row says in one write that the records are in it and what is to go instead, and then that goes. A silo that is lost in between leaves each record in the
/// one place that the row names, and nothing that is not removed the next time.
/// </summary>
internal sealed class Compaction(IRecordArchive archive, BatchRows rows, string prefix)
{
    /// <summary>So many records that wait are brought to a file while the day goes on.</summary>
    public const int EnoughRecords = 50_000;

    /// <summary>Or so many batches.</summary>
    public const int EnoughBatches = 1_024;

    /// <summary>A file has so many records at most, or those of one batch more.</summary>
    public const int MostInFile = 100_000;

    /// <summary>Whether there are files that would fit into one.</summary>
    public static bool CanMerge(StoredDay day) => ToMerge(day).Count > 1;

    /// <summary>Brings what waits to a file or, where nothing does and the day is over, some files to one. Tells how many records of rows were brought.</summary>
    /// <param name="day">The row. Nobody else writes it meanwhile.</param>
    /// <param name="next">The batch up to which rows are there.</param>
    /// <param name="isOver">Whether files shall be merged as well.</param>
    /// <param name="store">Gives the row today's sums.</param>
    public async Task<int> RunAsync(Durable<StoredDay> day, long next, bool isOver, Func<StoredDay, StoredDay> store)
    {
        if (!day.Value.Doomed.IsEmpty)
        {
            // Where a cluster is torn, the other activation may have brought records to such a file since this one read the row: then this write fails, and the file stays.
            await day.WriteAsync(day.Value);
        }

        await CleanAsync(day);
        var (waiting, upTo) = await ReadAsync(day.Value.FirstWaiting, next);
        var merged = isOver && waiting.Count == 0 ? ToMerge(day.Value) : [];
        if (waiting.Count == 0 && merged.Count < 2)
        {
            if (upTo > day.Value.FirstWaiting)
            {
                // Batches with sums alone.
                await day.WriteAsync(store(day.Value) with { FirstWaiting = upTo });
                await CleanAsync(day);
            }

            return 0;
        }

        var records = waiting.Concat(await ReadAsync(merged)).OrderBy(record => record.Ended).ThenBy(record => record.Id, StringComparer.Ordinal).ToList();
        var name = $"{prefix}/{Guid.CreateVersion7():n}.parquet";
        await day.WriteAsync(store(day.Value) with { Doomed = day.Value.Doomed.Add(name) });
        await archive.WriteAsync(name, await Task.Run(() => RecordParquet.WriteAsync(records)));
        var file = new RecordFile(name, records.Count, records[0].Ended, records[^1].Ended);
        await day.WriteAsync(store(day.Value) with
        {
            Files = [.. day.Value.Files.RemoveRange(merged).Append(file).OrderBy(each => each.First)],
            FirstWaiting = upTo,
            Doomed = [.. day.Value.Doomed.Remove(name, StringComparer.Ordinal), .. merged.Select(each => each.Name)],
        });
        await CleanAsync(day);
        return waiting.Count;
    }

    /// <summary>Removes what the row does not name any more. The row was written by this activation, and nobody since can have named it again.</summary>
    public async Task CleanAsync(Durable<StoredDay> day)
    {
        var (doomed, stored, first) = (day.Value.Doomed, day.Value.FirstStored, day.Value.FirstWaiting);
        if (doomed.IsEmpty && stored == first)
        {
            return;
        }

        foreach (var name in doomed)
        {
            await archive.RemoveAsync(name);
        }

        for (var number = stored; number < first; number++)
        {
            await rows.RemoveAsync(number);
        }

        await day.WriteAsync(day.Value with { Doomed = [.. day.Value.Doomed.Except(doomed, StringComparer.Ordinal)], FirstStored = first });
    }

    // Neighbours in time, so that a question about some hours reads few files.
    private static ImmutableArray<RecordFile> ToMergeFrom(ImmutableArray<RecordFile> files, int first)
    {
        var count = 0;
        var records = 0;
        while (first + count < files.Length && (records += files[first + count].Records) <= MostInFile)
        {
            count++;
        }

        return files.Slice(first, count);
    }

    private static IReadOnlyList<RecordFile> ToMerge(StoredDay day) =>
        Enumerable.Range(0, day.Files.Length).Select(first => ToMergeFrom(day.Files, first)).FirstOrDefault(run => run.Length > 1, []);

    private async Task<(List<AttemptRecord> Records, long UpTo)> ReadAsync(long from, long to)
    {
        var records = new List<AttemptRecord>();
        var number = from;
        for (; number < to && records.Count < MostInFile; number++)
        {
            var batch = await rows.FindAsync(number) ?? throw new InvalidDataException($"the batch {number} of {prefix} is not in storage");
            records.AddRange(batch.Records);
        }

        return (records, number);
    }

    private async Task<IEnumerable<AttemptRecord>> ReadAsync(IEnumerable<RecordFile> files)
    {
        var records = new List<AttemptRecord>();
        foreach (var file in files)
        {
            var content = await archive.ReadAsync(file.Name) ?? throw new InvalidDataException($"the file {file.Name} is not in the archive");
            records.AddRange(await Task.Run(() => RecordParquet.ReadAsync(content)));
        }

        return records;
    }
}
