using Sluice.Edge.Configuration;
using Sluice.Grains.Fleet;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Unit.Simulation.Reload;

/// <summary>One edge: the real moves of its standing, loading and renewing over a simulated network. As the edge does it, without Kestrel.</summary>
internal sealed class SimulatedEdge
{
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SlowestCompile = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan HoldBound = TimeSpan.FromSeconds(1);
    private readonly ReloadWorld _world;
    private readonly HashSet<string> _compiled = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private bool _leaves;

    public SimulatedEdge(ReloadWorld world, SimulatedNode node)
    {
        (_world, Node) = (world, node);
        world.Simulator.Start(RenewAlwaysAsync);
    }

    public SimulatedNode Node { get; }

    public string Id => Node.Name;

    public EdgeStanding Standing { get; private set; } = EdgeStanding.Start;

    /// <summary>Whether this edge has compiled a body, and found it right.</summary>
    public bool HasCompiled(string hash) => _compiled.Contains(hash);

    /// <summary>Whether a request is admitted at this moment without the mark that it may be stale.</summary>
    public bool Admits() => Standing.Admits(Now());

    /// <summary>Whether a request that comes at this moment waits.</summary>
    public bool IsHeld => Standing.Held is not null;

    /// <summary>Since when, in true time.</summary>
    public TimeSpan HeldSince { get; private set; }

    /// <summary>An event came: there is a new head.</summary>
    public void Hear(Head head) => Load(head);

    /// <summary>A candidate is to be prepared.</summary>
    public void Prepare(Head candidate) => _world.Simulator.Start(async () =>
    {
        var fault = await CompileAsync(candidate.Hash) ? null : new EdgeRefusal("compile", "Route/r", "does not compile here");
        var fleet = _world.AnyFleet();
        _world.Network.Send(Node, fleet.Node, () => fleet.Prepared(Id, candidate.Hash, fault));
        if (_world.Simulator.Random.Happens(0.5))
        {
            // Renewing more often than one must is allowed.
            await RenewAsync();
        }
    });

    /// <summary>New requests are to be held for a candidate of a strict workspace.</summary>
    public void Hold(Head candidate)
    {
        HeldSince = IsHeld ? HeldSince : _world.Simulator.Now;
        Standing = EdgeMoves.Hold(Standing, candidate);
        foreach (var fleet in _world.Fleets)
        {
            _world.Network.Send(Node, fleet.Node, () => fleet.Holds(Id, candidate));
        }

        _world.Simulator.Start(() => ReleaseAsync(candidate));
    }

    // Whoever began the hold may be gone: an edge does not wait for it for ever.
    private async Task ReleaseAsync(Head candidate)
    {
        await Node.DelayAsync(HoldBound);
        if (_world.Variant is ReloadVariant.HoldEndsByTime)
        {
            Standing = Standing with { Held = null };
        }

        while (Standing.Held is { } held && HeadOrder.HasReached(candidate, held))
        {
            var fleet = _world.AnyFleet();
            if (await _world.Network.CallAsync(Node, fleet.Node, () => fleet.ReleaseAsync(held), CallBound) is { Came: true, Value: { } head })
            {
                Load(head);
            }

            await Node.DelayAsync(HoldBound / 2);
        }
    }

    /// <summary>Admits no more, then says so.</summary>
    public void Leave()
    {
        _leaves = true;
        Standing = EdgeMoves.Left(Standing);
        var fleet = _world.AnyFleet();
        _world.Network.Send(Node, fleet.Node, () => _world.Simulator.Start(() => fleet.LeaveAsync(Id)));
    }

    private Instant Now() => _world.Variant is ReloadVariant.SuspensionUnnoticed
        ? new Instant(Node.Monotonic, TimeSpan.Zero)
        : new Instant(Node.Monotonic, Node.Wall);

    private async Task RenewAlwaysAsync()
    {
        await Node.DelayAsync(_world.Simulator.Random.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(50)));
        while (!_leaves)
        {
            _world.Simulator.Start(RenewAsync);
            await Node.DelayAsync(_world.Terms.RenewEvery);
        }
    }

    private async Task RenewAsync()
    {
        var asked = Now();
        var fleet = _world.AnyFleet();
        var answer = await _world.Network.CallAsync(Node, fleet.Node, () => fleet.RenewAsync(Id), CallBound * 2);
        if (answer is not { Came: true, Value: { } grant } || _leaves)
        {
            return;
        }

        var head = _world.Variant is ReloadVariant.GrantCountsAtOnce ? Standing.Head ?? grant.Head : grant.Head;
        var changes = _world.Variant is ReloadVariant.GrantCountsAtOnce ? 0 : grant.Changes;
        Standing = EdgeMoves.Granted(Standing, _world.Variant is ReloadVariant.LeaseFromReceipt ? Now() : asked, _world.Terms.Length, head, changes);
        if (_world.Variant is ReloadVariant.HoldEndsByLease)
        {
            Standing = Standing with { Held = null };
        }

        if (_world.Variant is not ReloadVariant.EventWithoutPull || Standing.Head is null)
        {
            Load(grant.Head);
        }

        if (grant.Changes > Standing.Changes)
        {
            // The log is asked; what it tells is applied in order.
            await Node.DelayAsync(_world.Simulator.Random.Between(TimeSpan.Zero, SlowestCompile));
            Apply(grant.Changes);
        }
    }

    /// <summary>All changes up to this one are applied.</summary>
    public void Apply(long change)
    {
        if (change > Standing.Changes)
        {
            Standing = EdgeMoves.Applied(Standing, change);
            Acknowledge();
        }
    }

    private void Load(Head head) => _world.Simulator.Start(async () =>
    {
        if (Standing.Head is { } active && !HeadOrder.IsAfter(head, active))
        {
            return;
        }

        if (_world.Variant is ReloadVariant.ActivateBeforeCompile || await CompileAsync(head.Hash))
        {
            Activate(head);
        }
    });

    private void Activate(Head head)
    {
        var next = EdgeMoves.Activated(Standing, head);
        if (next is null && _world.Variant is ReloadVariant.NoOrderCheck)
        {
            next = Standing with { Head = head };
        }

        if (next is not null)
        {
            Standing = next;
            _world.Activated(this, head);
            Acknowledge();
        }
    }

    private void Acknowledge()
    {
        var reached = new Reached(Standing.Head ?? HeadOrder.Nothing, Standing.Changes);
        foreach (var fleet in _world.Fleets)
        {
            _world.Network.Send(Node, fleet.Node, () => fleet.Acknowledge(Id, reached));
        }
    }

    private async Task<bool> CompileAsync(string hash)
    {
        if (hash.Length == 0 || _compiled.Contains(hash))
        {
            return true;
        }

        var catalog = _world.AnyCatalog();
        if (_refused.Contains(hash) || !(await _world.Network.CallAsync(Node, catalog.Node, () => Task.FromResult(true), CallBound)).Came)
        {
            return false;
        }

        await Node.DelayAsync(_world.Simulator.Random.Between(TimeSpan.Zero, SlowestCompile));
        var isRight = !ReloadWorld.IsPoison(hash);
        (isRight ? _compiled : _refused).Add(hash);
        return isRight;
    }
}
