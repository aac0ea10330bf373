using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>What is stored of a tenant's day, besides the batches that came since. It decides where a record is: in the files that it names, or in a batch from <paramref name="FirstWaiting"/> on.</summary>
/// <param name="Rows">Sums of all batches before <paramref name="Summed"/>.</param>
/// <param name="Tags">Of these by tag.</param>
/// <param name="Charges">Of these by lease.</param>
/// <param name="Counted">By edge, up to where these were counted.</param>
/// <param name="Summed">The first batch that is not in the sums.</param>
/// <param name="FirstWaiting">The first batch whose records are in no file.</param>
/// <param name="FirstStored">The first batch that may still have its row.</param>
/// <param name="Files">Oldest first.</param>
/// <param name="Doomed">Files that are to be removed, or were to be written when the silo was lost.</param>
/// <param name="IsForgotten">The records were let go.</param>
internal sealed record StoredDay(
    ImmutableArray<UsageRow> Rows,
    ImmutableArray<TagRow> Tags,
    ImmutableArray<LeaseCharge> Charges,
    ImmutableDictionary<string, CountedEdge> Counted,
    long Summed,
    long FirstWaiting,
    long FirstStored,
    ImmutableArray<RecordFile> Files,
    ImmutableArray<string> Doomed,
    bool IsForgotten)
{
    public StoredDay()
        : this([], [], [], ImmutableDictionary<string, CountedEdge>.Empty, 0, 0, 0, [], [], IsForgotten: false)
    {
    }
}

/// <summary>Up to where an edge's batches were counted.</summary>
/// <param name="Number">The greatest number of a batch.</param>
/// <param name="Sequence">The greatest number of a record.</param>
internal readonly record struct CountedEdge(long Number, long Sequence);

/// <summary>A batch as stored, in what was new of it.</summary>
internal sealed record StoredBatch(UsageBatch Batch)
{
    public StoredBatch()
        : this(new UsageBatch("", 0, [], []))
    {
    }
}
