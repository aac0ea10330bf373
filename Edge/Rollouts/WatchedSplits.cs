using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Threading.Channels;
using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Rollouts;

/// <summary>
/// The splits that rollouts watch now. Where there are none, a request pays for this with the read of one reference. A request takes its tally before it is forwarded and
/// counts into it at its end: when the rollout has come to another step meanwhile, that tally is nobody's any more, and the request counts for neither step.
/// </summary>
public sealed class WatchedSplits
{
    private readonly Channel<bool> _pokes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Table? _table;

    /// <summary>Pokes, at most one that waits.</summary>
    public ChannelReader<bool> Pokes => _pokes.Reader;

    /// <summary>What is watched, to be sent; empty: nothing.</summary>
    public ImmutableArray<SplitTally> Tallies => Volatile.Read(ref _table)?.Tallies ?? [];

    /// <summary>What is to be watched may have changed.</summary>
    public void Poke() => _pokes.Writer.TryWrite(true);

    /// <summary>Where a request to an upstream of a route is to be counted; null: nowhere.</summary>
    public PartTally? OfRoute(CompiledRoute route, string upstream) =>
        Volatile.Read(ref _table) is { } table && table.Routes.TryGetValue(route.Resource.Name, out var tally) ? tally.Of(upstream) : null;

    /// <summary>Where a request to a target of a model is to be counted; null: nowhere.</summary>
    public PartTally? OfModel(CompiledModel model, CompiledTarget target) =>
        Volatile.Read(ref _table) is { } table && table.Models.TryGetValue(model.Resource.Name, out var tally) ? tally.Of(target.Label) : null;

    /// <summary>Where a request that is served by a side of a revision is to be counted; null: nowhere.</summary>
    public PartTally? OfCanary(EdgeRevision side) =>
        Volatile.Read(ref _table) is { Canaries.Count: > 0 } table && side.CanaryName is { } name && table.Canaries.TryGetValue(name, out var tally)
            ? tally.Of(side.Stable is null ? CanaryParts.Stable : CanaryParts.Canary)
            : null;

    /// <summary>Watches these and no others; what was counted for the same step goes on.</summary>
    public void Watch(ImmutableArray<WatchedSplit> splits)
    {
        var before = Tallies;
        var tallies = splits.Select(s => before.FirstOrDefault(t => t.Split == s) ?? new SplitTally(s)).ToImmutableArray();
        Volatile.Write(ref _table, tallies.IsEmpty ? null : new Table(tallies, Of(SplitKind.Route), Of(SplitKind.Model), Of(SplitKind.Canary)));

        FrozenDictionary<string, SplitTally> Of(SplitKind kind) => tallies.Where(t => t.Split.Kind == kind).ToFrozenDictionary(t => t.Split.Resource, StringComparer.Ordinal);
    }

    private sealed record Table(ImmutableArray<SplitTally> Tallies, FrozenDictionary<string, SplitTally> Routes, FrozenDictionary<string, SplitTally> Models, FrozenDictionary<string, SplitTally> Canaries);
}

/// <summary>The two parts of a watched split, and the batch that is on its way. Sent by one loop alone.</summary>
public sealed class SplitTally(WatchedSplit split)
{
    private readonly PartTally _old = new();
    private readonly PartTally _new = new();
    private FiguresBatch? _sent;
    private long _number;

    /// <summary>What is watched, and at which step.</summary>
    public WatchedSplit Split => split;

    /// <summary>The tally of a part; null for parts that the rollout leaves alone.</summary>
    public PartTally? Of(string part) => string.Equals(part, split.To, StringComparison.Ordinal) ? _new : string.Equals(part, split.From, StringComparison.Ordinal) ? _old : null;

    /// <summary>The batch that was sent and not answered, the same again; else the next one, or null where nothing was counted.</summary>
    public FiguresBatch? NextBatch(string edge)
    {
        if (_sent is null)
        {
            var (old, next) = (_old.Take(), _new.Take());
            _sent = IsEmpty(old) && IsEmpty(next) ? null : new FiguresBatch(edge, ++_number, split.Step, old, next);
        }

        return _sent;
    }

    /// <summary>The batch that was sent is durable.</summary>
    public void Answered() => _sent = null;

    // A batch without a request may tell what one was that was sent before it.
    private static bool IsEmpty(PartFigures figures) =>
        figures is { Requests: 0, Failures: 0, Refusals: 0, MissingUsage: 0, Latency.IsEmpty: true, Cost.IsEmpty: true };
}
