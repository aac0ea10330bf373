using System.Collections.Immutable;

namespace Sluice.Grains.Interfaces.CallLog;

/// <summary>
/// The call log of one day (UTC); key: <c>workspace|yyyyMMdd</c>. It promises: a batch that was answered rests in a file, and is in it once however often it is sent. What
/// an edge could not send is lost, counted by the edge: no request waits for this. See docs/calls.md.
/// </summary>
[Alias("sluice.call-log")]
public interface ICallLogGrain : IEdgeCallLogGrain
{
    /// <summary>Files of some hours, oldest first. They are read without this grain, and may be merged meanwhile: one that is missing was.</summary>
    /// <param name="fromHour">0 to 23.</param>
    /// <param name="toHour">0 to 23, included.</param>
    [Alias("files")]
    Task<ImmutableArray<CallFile>> FilesAsync(int fromHour, int toHour);

    /// <summary>Brings small files together. True: nothing is left to do.</summary>
    [Alias("merge")]
    Task<bool> MergeAsync();

    /// <summary>Lets all go.</summary>
    [Alias("forget")]
    Task ForgetAsync();
}

/// <summary>What an edge may ask of an <see cref="ICallLogGrain"/>.</summary>
[EdgeCallable, Alias("sluice.call-log-edge")]
public interface IEdgeCallLogGrain : IGrainWithStringKey
{
    /// <summary>Keeps a batch, and answers when it rests. Batches of one edge come in order; one whose number is not greater than the last is a repeat.</summary>
    [Alias("append")]
    Task AppendAsync(LoggedCalls batch);
}

/// <summary>What an edge sends at once.</summary>
/// <param name="Edge">Its start.</param>
/// <param name="Number">Greater with each batch.</param>
/// <param name="Calls">That ended on the grain's day; at most 2,000.</param>
[GenerateSerializer, Immutable, Alias("sluice.logged-calls")]
public sealed record LoggedCalls([property: Id(0)] string Edge, [property: Id(1)] long Number, [property: Id(2)] ImmutableArray<LoggedCall> Calls);

/// <summary>A file of the call log.</summary>
/// <param name="Name">Its path in the archive.</param>
/// <param name="Hour">In which its calls ended, 0 to 23.</param>
/// <param name="Calls">How many it has.</param>
[GenerateSerializer, Immutable, Alias("sluice.call-file")]
public sealed record CallFile([property: Id(0)] string Name, [property: Id(1)] int Hour, [property: Id(2)] int Calls);

/// <summary>Which days of a workspace have a call log; key: the workspace. A day is known here before anything of it is stored. It also sees to it that days come to rest and old ones are let go.</summary>
[Alias("sluice.call-days")]
public interface ICallDaysGrain : IGrainWithStringKey
{
    /// <summary>The days, <c>yyyyMMdd</c>, oldest first.</summary>
    [Alias("list")]
    Task<ImmutableArray<int>> ListAsync();

    /// <summary>There is something of a day.</summary>
    [Alias("add")]
    Task AddAsync(int day);

    /// <summary>Goes on with what is due, for a bounded time.</summary>
    [Alias("upkeep")]
    Task UpkeepAsync();
}
