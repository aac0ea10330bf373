using System.Collections.Immutable;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Grains.Rollouts;

/// <summary>What is stored of a rollout.</summary>
/// <param name="Spec">Null: there is none.</param>
/// <param name="By">Who began it.</param>
/// <param name="Before">The weights that it found.</param>
/// <param name="Now">The weights that it published last; at first those that it found.</param>
/// <param name="Step">That is published, from 1; 0: none yet.</param>
/// <param name="Held">How long the step has been held.</param>
/// <param name="Pending">What is to be published: stored before it is, and taken away when that is known.</param>
public sealed record StoredRollout(
    RolloutSpec? Spec,
    Author By,
    ImmutableArray<SplitWeight> Before,
    ImmutableArray<SplitWeight> Now,
    RolloutState State,
    int Step,
    TimeSpan Held,
    PendingPublish? Pending,
    ImmutableArray<RolloutEvent> History)
{
    private const int MostEvents = 200;

    public StoredRollout()
        : this(null, Author.System, [], [], RolloutState.Running, 0, TimeSpan.Zero, null, [])
    {
    }

    /// <summary>Whether it will do nothing more.</summary>
    public bool HasEnded => State is RolloutState.Completed or RolloutState.RolledBack or RolloutState.Aborted or RolloutState.Stopped;

    /// <summary>With one more event; of very many the oldest but the first are let go.</summary>
    public StoredRollout Tell(RolloutEvent happened)
    {
        var history = History.Length < MostEvents ? History : History.RemoveAt(1);
        return this with { History = history.Add(happened) };
    }
}

/// <summary>Something that is to be published.</summary>
/// <param name="PublishId">By which the catalog knows it again: however often it is tried, it is published once.</param>
/// <param name="Step">The step, from 1; 0: the weights of before.</param>
/// <param name="Then">The state after it.</param>
/// <param name="Why">In a sentence.</param>
/// <param name="By">Who asked for it.</param>
public sealed record PendingPublish(string PublishId, int Step, RolloutState Then, string Why, Author By);

/// <summary>What is stored of a step's figures.</summary>
/// <param name="Step">The step, from 1; 0: none.</param>
/// <param name="Counted">The number of the last batch counted, by edge.</param>
public sealed record StoredFigures(int Step, PartFigures Old, PartFigures New, ImmutableDictionary<string, long> Counted)
{
    public StoredFigures()
        : this(0, PartFigures.None, PartFigures.None, ImmutableDictionary<string, long>.Empty)
    {
    }

    /// <summary>With a batch; the same object where it was counted before or is for an earlier step.</summary>
    /// <param name="batch">From an edge.</param>
    /// <param name="isWhole">Whether the old part gets nothing at the batch's step: then what was counted of it at the step before is what the new one is compared with.</param>
    public StoredFigures With(FiguresBatch batch, bool isWhole)
    {
        if (batch.Step < Step || (batch.Step == Step && batch.Number <= Counted.GetValueOrDefault(batch.Edge)))
        {
            return this;
        }

        var at = batch.Step == Step ? this : new StoredFigures { Step = batch.Step, Old = isWhole ? Old : PartFigures.None };
        return at with { Old = at.Old.Plus(batch.Old), New = at.New.Plus(batch.New), Counted = at.Counted.SetItem(batch.Edge, batch.Number) };
    }
}
