using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.Usage;

/// <summary>
/// What one tenant used on one day (UTC); key: <c>workspace|tenant|yyyyMMdd</c>. It promises: a batch that was answered is durable, and each of its records and rows is
/// counted once, however often it is sent. It keeps sums by hour, and the records until they rest in files. See docs/usage.md.
/// </summary>
[Alias("sluice.usage")]
public interface IUsageGrain : IEdgeUsageGrain
{
    /// <summary>The day's sums.</summary>
    [Alias("sums")]
    Task<DaySums> GetSumsAsync();

    /// <summary>Where the day's records are.</summary>
    [Alias("places")]
    Task<RecordPlaces> GetPlacesAsync();

    /// <summary>Records that rest in no file yet, from a batch on; a bounded number of them.</summary>
    [Alias("waiting")]
    Task<WaitingRecords> GetWaitingAsync(long fromBatch);

    /// <summary>Whether a record of a request waits in a batch; the request by the hash of its id.</summary>
    [Alias("is-waiting")]
    Task<bool> IsWaitingAsync(ulong request);

    /// <summary>Something that it told of is not there: calls after this one are answered from storage, which another activation may have written where a cluster is torn.</summary>
    [Alias("read-anew")]
    Task ReadAnewAsync();

    /// <summary>Brings what waits to files, and the day's files to one. True: nothing is left to do.</summary>
    [Alias("settle")]
    Task<bool> SettleAsync();

    /// <summary>Lets go of the records, and with <paramref name="sums"/> of the sums.</summary>
    [Alias("forget")]
    Task ForgetAsync(bool sums);
}

/// <summary>What an edge may ask of an <see cref="IUsageGrain"/>.</summary>
[EdgeCallable, Alias("sluice.usage-edge")]
public interface IEdgeUsageGrain : IGrainWithStringKey
{
    /// <summary>The tenant under which requests without a key are counted; no tenant can have this name.</summary>
    const string PublicTenant = "_public";

    /// <summary>
    /// Counts a batch. Batches of one edge come in order: rows of a number not greater than the last counted one are a repeat, and so are records of a sequence number not
    /// greater than the last counted one.
    /// </summary>
    [Alias("record")]
    Task RecordAsync(UsageBatch batch);
}

/// <summary>What an edge sends at once to one tenant's day.</summary>
/// <param name="Edge">The start of an edge whose sequence numbers the records have.</param>
/// <param name="Number">Greater with each batch of this edge and day.</param>
/// <param name="Rows">What was used without a record of its own: plain routes that charge no budget, and what could not be kept.</param>
/// <param name="Records">In the order of their sequence numbers.</param>
[GenerateSerializer, Immutable, Alias("sluice.usage-batch")]
public sealed record UsageBatch(
    [property: Id(0)] string Edge, [property: Id(1)] long Number, [property: Id(2)] ImmutableArray<UsageRow> Rows, [property: Id(3)] ImmutableArray<AttemptRecord> Records);

/// <summary>Where a day's records are: in files, the rest in batches.</summary>
/// <param name="Files">Oldest first.</param>
/// <param name="FirstWaiting">The first batch that is in no file.</param>
/// <param name="Next">The number that the next batch will have here.</param>
[GenerateSerializer, Immutable, Alias("sluice.record-places")]
public sealed record RecordPlaces([property: Id(0)] ImmutableArray<RecordFile> Files, [property: Id(1)] long FirstWaiting, [property: Id(2)] long Next);

/// <summary>A file of records.</summary>
/// <param name="Name">Its path in the archive.</param>
/// <param name="Records">How many it has.</param>
/// <param name="First">When the first of them ended.</param>
/// <param name="Last">When the last of them ended.</param>
[GenerateSerializer, Immutable, Alias("sluice.record-file")]
public sealed record RecordFile([property: Id(0)] string Name, [property: Id(1)] int Records, [property: Id(2)] DateTimeOffset First, [property: Id(3)] DateTimeOffset Last);

/// <summary>Records that rest in no file.</summary>
/// <param name="NextBatch">From which batch on there may be more; null: there are none.</param>
[GenerateSerializer, Immutable, Alias("sluice.waiting-records")]
public sealed record WaitingRecords([property: Id(0)] ImmutableArray<AttemptRecord> Records, [property: Id(1)] long? NextBatch);
