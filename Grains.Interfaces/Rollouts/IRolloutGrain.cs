using System.Collections.Immutable;
using Orleans.Concurrency;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Interfaces.Rollouts;

/// <summary>
/// One rollout; key: <c>workspace|name</c>. It promises: each step is an ordinary publish, made once however often its silo is killed; a failed guard or an abort
/// publishes the weights of before; and where somebody else changed the weights, it stops and touches nothing. Described in docs/rollouts.md.
/// </summary>
[Alias("sluice.rollout")]
public interface IRolloutGrain : IEdgeRolloutGrain
{
    /// <summary>Begins, where the active revision has such a split and no other rollout moves it. The first step is published right after.</summary>
    [Alias("start")]
    Task<RolloutOutcome> StartAsync(RolloutSpec spec, Author author);

    /// <summary>How it stands; null: there is no such rollout.</summary>
    [Alias("get"), AlwaysInterleave]
    Task<RolloutStatus?> GetAsync();

    /// <summary>Does what somebody asks for. When this returns the rollout has decided, and publishes right after.</summary>
    [Alias("steer")]
    Task<RolloutOutcome> SteerAsync(RolloutCommand command, Author author);

    /// <summary>Makes sure that it goes on after its silo was lost.</summary>
    [Alias("wake"), AlwaysInterleave]
    Task WakeAsync();
}

/// <summary>What an edge may ask of an <see cref="IRolloutGrain"/>.</summary>
[EdgeCallable, Alias("sluice.rollout-edge")]
public interface IEdgeRolloutGrain : IGrainWithStringKey
{
    /// <summary>Counts a batch. Batches of one edge for one step come in order: a number not greater than the last counted one is a repeat. What is for another step counts no more.</summary>
    [Alias("report"), AlwaysInterleave]
    Task ReportAsync(FiguresBatch batch);
}

/// <summary>The rollouts of a workspace; its key is the workspace's name. It promises that only one that runs moves a split.</summary>
[Alias("sluice.rollout-directory")]
public interface IRolloutDirectoryGrain : IEdgeRolloutDirectoryGrain
{
    /// <summary>Lists a new rollout, unless there is one of this name, or another one that runs moves the split: then its name is answered.</summary>
    [Alias("claim")]
    Task<string?> ClaimAsync(string name, SplitKind kind, string resource);

    /// <summary>A rollout has come to a step, for edges to watch.</summary>
    [Alias("watch")]
    Task WatchAsync(WatchedSplit split);

    /// <summary>A rollout has ended: its split is free.</summary>
    /// <param name="name">The rollout.</param>
    /// <param name="keep">False: it never began, and its name is free too.</param>
    [Alias("end")]
    Task EndAsync(string name, bool keep);

    /// <summary>All, the newest first.</summary>
    [Alias("list")]
    Task<ImmutableArray<ListedRollout>> ListAsync();
}

/// <summary>What an edge may ask of an <see cref="IRolloutDirectoryGrain"/>.</summary>
[EdgeCallable, Alias("sluice.rollout-directory-edge")]
public interface IEdgeRolloutDirectoryGrain : IGrainWithStringKey
{
    /// <summary>What is to be counted now. Asked anew after each change of kind <c>Rollout</c>.</summary>
    [Alias("watched")]
    Task<ImmutableArray<WatchedSplit>> GetWatchedAsync();
}

/// <summary>A rollout in the list of its workspace.</summary>
[GenerateSerializer, Immutable, Alias("sluice.listed-rollout")]
public sealed record ListedRollout([property: Id(0)] string Name, [property: Id(1)] SplitKind Kind, [property: Id(2)] string Resource, [property: Id(3)] bool Runs);

/// <summary>Two parts of a split that edges count for a rollout.</summary>
/// <param name="Rollout">Its name.</param>
/// <param name="Step">Where it is, from 1.</param>
[GenerateSerializer, Immutable, Alias("sluice.watched-split")]
public sealed record WatchedSplit(
    [property: Id(0)] string Rollout,
    [property: Id(1)] int Step,
    [property: Id(2)] SplitKind Kind,
    [property: Id(3)] string Resource,
    [property: Id(4)] string From,
    [property: Id(5)] string To);

/// <summary>What somebody may ask of a rollout.</summary>
public enum RolloutCommand
{
    /// <summary>Stay at this step.</summary>
    Pause,

    /// <summary>Go on.</summary>
    Resume,

    /// <summary>Go to the next step now.</summary>
    Promote,

    /// <summary>Go to the last step now.</summary>
    PromoteToEnd,

    /// <summary>Go back to the weights of before.</summary>
    Abort,
}

/// <summary>What became of what was asked: one of the records nested here.</summary>
[GenerateSerializer, Immutable, Alias("sluice.rollout-outcome")]
public abstract record RolloutOutcome
{
    private RolloutOutcome()
    {
    }

    /// <summary>It is done or under way.</summary>
    [GenerateSerializer, Immutable, Alias("sluice.rollout-outcome.done")]
    public sealed record Done([property: Id(0)] RolloutStatus Status) : RolloutOutcome;

    /// <summary>The split is not such that it can be done.</summary>
    [GenerateSerializer, Immutable, Alias("sluice.rollout-outcome.invalid")]
    public sealed record Invalid([property: Id(0)] ImmutableArray<FieldError> Errors) : RolloutOutcome;

    /// <summary>There is a rollout of this name, or another one moves the split.</summary>
    /// <param name="By">The name of that rollout.</param>
    [GenerateSerializer, Immutable, Alias("sluice.rollout-outcome.taken")]
    public sealed record Taken([property: Id(0)] string By) : RolloutOutcome;

    /// <summary>It cannot be done in the state that the rollout is in.</summary>
    [GenerateSerializer, Immutable, Alias("sluice.rollout-outcome.refused")]
    public sealed record Refused([property: Id(0)] string Reason) : RolloutOutcome;

    /// <summary>There is no such rollout.</summary>
    [GenerateSerializer, Immutable, Alias("sluice.rollout-outcome.unknown")]
    public sealed record Unknown : RolloutOutcome;
}
