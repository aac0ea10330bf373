using Sluice.Grains.Catalog;
using Sluice.Grains.Fleet;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Unit.Simulation.Reload;

/// <summary>What a renewal is answered with.</summary>
internal sealed record SimulatedGrant(Head Head, long Changes);

/// <summary>One activation of the fleet: the real rules of the edge set, of silence and of progress. As the grain does it, without Orleans.</summary>
internal sealed class SimulatedFleet
{
    private static readonly TimeSpan PrepareBound = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HoldBound = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SilenceBound = TimeSpan.FromSeconds(7);
    private const int MostTries = 6;
    private readonly ReloadWorld _world;
    private readonly LapseWatch _watch;
    private readonly Progress _progress = new();
    private readonly List<TaskCompletionSource> _waiting = [];
    private readonly Dictionary<string, TimeSpan> _heard = new(StringComparer.Ordinal);
    private (string Hash, PrepareTally Tally)? _candidate;
    private HoldTally? _holding;
    private HeadRow? _cached;

    public SimulatedFleet(ReloadWorld world, SimulatedNode node)
    {
        (_world, Node) = (world, node);
        _watch = new LapseWatch(world.Terms, node.Monotonic);
        world.Simulator.Start(UpkeepAsync);
    }

    public SimulatedNode Node { get; }

    /// <summary>Answers a renewal with a row that was read after it arrived, and in which the edge is listed.</summary>
    public async Task<SimulatedGrant?> RenewAsync(string edge)
    {
        Hear(edge);
        for (var tries = 0; tries < MostTries; tries++)
        {
            var (read, etag) = await _world.Storage.ReadAsync(Node);
            var row = _world.Variant is ReloadVariant.GrantFromCachedHead ? _cached ?? read : read;
            _cached = read;
            if (EdgeSet.MayBeGranted(row, edge) || _world.Variant is ReloadVariant.GrantBeforeRegistration)
            {
                _world.Simulator.Note("granted", edge, row.Revision);
                return new SimulatedGrant(HeadMoves.HeadOf(row), row.Changes);
            }

            await _world.Storage.SwapAsync(Node, etag, EdgeSet.Enlist(read, [edge]));
        }

        return null;
    }

    public async Task<bool> LeaveAsync(string edge)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var (row, etag) = await _world.Storage.ReadAsync(Node);
            if (await _world.Storage.SwapAsync(Node, etag, EdgeSet.Leave(row, edge)) is SwapResult.Done)
            {
                return true;
            }
        }

        return false;
    }

    public void Acknowledge(string edge, Reached reached)
    {
        Hear(edge);
        _progress.Acknowledge(edge, reached);
        Wake();
    }

    public void Prepared(string edge, string hash, EdgeRefusal? refusal)
    {
        Hear(edge);
        if (_candidate is { } candidate && string.Equals(candidate.Hash, hash, StringComparison.Ordinal))
        {
            candidate.Tally.Answer(edge, refusal, Node.Monotonic);
            Wake();
        }
    }

    /// <summary>False: an edge refused the candidate.</summary>
    public async Task<bool> PrepareAsync(Head candidate)
    {
        var live = _heard.Where(h => Node.Monotonic - h.Value < _world.Terms.Wait).Select(h => h.Key).Order(StringComparer.Ordinal).ToArray();
        var tally = new PrepareTally(live, Node.Monotonic);
        _candidate = (candidate.Hash, tally);
        foreach (var edge in live)
        {
            _world.Ask(Node, edge, candidate);
        }

        await UntilAsync(() => tally.IsSettled(_ => true, now: null), PrepareBound);
        return tally.Refusal is null;
    }

    /// <summary>The edges that hold for a candidate; null: some are silent, and none was asked.</summary>
    public async Task<string[]?> HoldAsync(Head candidate)
    {
        var row = await ListeningAsync();
        if (row is null)
        {
            return null;
        }

        var tally = new HoldTally(candidate);
        _holding = tally;
        foreach (var edge in row.Edges.Keys)
        {
            _world.Hold(Node, edge, candidate);
        }

        await UntilAsync(() => tally.Missing(row.Edges.Keys).IsEmpty, HoldBound);
        return [.. tally.Held];
    }

    // Nobody is held up for an edge that is silent: it is marked, and waited for until it speaks or is out of the set.
    private async Task<HeadRow?> ListeningAsync()
    {
        var since = Node.Monotonic;
        while (Node.Monotonic - since < SilenceBound)
        {
            var (row, etag) = await _world.Storage.ReadAsync(Node);
            var silent = row.Edges.Where(e => Node.Monotonic - _heard.GetValueOrDefault(e.Key, -_world.Terms.Length) >= _world.Terms.Length * (2 / 3.0)).ToArray();
            if (silent.Length == 0)
            {
                return row;
            }

            if (Array.FindAll(silent, e => e.Value == 0) is { Length: > 0 } unmarked)
            {
                await _world.Storage.SwapAsync(Node, etag, EdgeSet.Mark(row, unmarked.Select(e => e.Key)));
            }

            await Node.DelayAsync(_world.Terms.RenewEvery / 4);
        }

        return null;
    }

    public void Holds(string edge, Head candidate)
    {
        Hear(edge);
        _holding?.Answer(edge, candidate);
        Wake();
    }

    /// <summary>Lets edges go that hold for a candidate. Answers the head to which they may go on; null: not known.</summary>
    public async Task<Head?> ReleaseAsync(Head candidate)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var (row, etag) = await _world.Storage.ReadAsync(Node);
            var next = HeadMoves.Release(row, candidate);
            if (ReferenceEquals(next, row) || _world.Variant is ReloadVariant.ReleaseWithoutFence
                || await _world.Storage.SwapAsync(Node, etag, next) is SwapResult.Done)
            {
                _world.Told(Node, HeadMoves.HeadOf(next));
                return HeadMoves.HeadOf(next);
            }
        }

        return null;
    }

    /// <summary>Ends when the edges have come so far, or a lease's length after the call at the latest.</summary>
    public async Task<bool> BarrierAsync(Reached wanted, string[] edges)
    {
        var enough = _world.Variant is ReloadVariant.ReturnOnMajority ? (edges.Length - 1) / 2 : 0;
        await UntilAsync(() => _progress.Missing(edges, wanted).Length <= enough, _world.Terms.Wait);
        return true;
    }

    /// <summary>A right was taken away by a change: ends when no edge can count on it any more.</summary>
    public async Task<bool> RequireAsync(long change)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var (row, etag) = await _world.Storage.ReadAsync(Node);
            if (row.Changes >= change || await _world.Storage.SwapAsync(Node, etag, HeadMoves.Require(row, change)) is SwapResult.Done)
            {
                await BarrierAsync(new Reached(HeadOrder.Nothing, change), [.. row.Edges.Keys]);
                return true;
            }
        }

        return false;
    }

    private void Hear(string edge)
    {
        _watch.Hear(edge, Node.Monotonic);
        _heard[edge] = Node.Monotonic;
    }

    private async Task UntilAsync(Func<bool> holds, TimeSpan bound)
    {
        var isLate = false;
        _world.Simulator.Start(async () =>
        {
            await Node.DelayAsync(bound);
            isLate = true;
            Wake();
        });
        while (!holds() && !isLate)
        {
            var next = new TaskCompletionSource();
            _waiting.Add(next);
            await next.Task;
        }
    }

    private void Wake()
    {
        var waiting = _waiting.ToArray();
        _waiting.Clear();
        foreach (var next in waiting)
        {
            next.SetResult();
        }
    }

    private async Task UpkeepAsync()
    {
        while (true)
        {
            await Node.DelayAsync(_world.Terms.Wait / 4);
            var (row, etag) = await _world.Storage.ReadAsync(Node);
            var next = _world.Variant is ReloadVariant.StrikeWithoutMark ? StrikeSilent(row) : _watch.Look(row, Node.Monotonic)?.Next;
            if (next is not null)
            {
                _world.Simulator.Note("lapse", Node.Name, next.Edges.Count);
                await _world.Storage.SwapAsync(Node, etag, next);
            }
        }
    }

    private HeadRow? StrikeSilent(HeadRow row)
    {
        var silent = _watch.Look(row, Node.Monotonic)?.Next is { } marked ? marked.Edges.Where(e => e.Value > 0).Select(e => e.Key).ToArray() : [];
        return silent.Length > 0 ? EdgeSet.Strike(row, silent) : null;
    }
}
