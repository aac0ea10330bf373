using Sluice.Grains.Catalog;
using Sluice.Grains.Fleet;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Tests.Unit.Simulation.Reload;

/// <summary>
/// One workspace under faults: publishers, two kinds of grains each perhaps active twice, edges that come and go, and requests. Everything is decided by the
/// seed. See docs/reload.md for what must hold.
/// </summary>
internal sealed class ReloadWorld
{
    private static readonly TimeSpan Healed = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan LastTry = TimeSpan.FromSeconds(22);
    private static readonly TimeSpan End = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan PublishBound = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan TryAgain = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(25);
    private const int MostWaits = 80;
    private const int Edges = 3;

    // Ten times what production allows, for clocks and for the allowance alike: what the allowance is for is to show within a request's time.
    private const double Drift = 10 * LeaseTerms.AllowedDrift;
    private int _names;
    private long _bodies;
    private long _changes;

    // Of four workspaces of the whole protocol two are never strict, one always, and one as each revision says.
    private readonly Strictness _strictness;

    public ReloadWorld(ulong seed, ReloadVariant variant)
    {
        (Variant, Simulator) = (variant, new Simulator(seed));
        _strictness = (variant, seed % 4) switch
        {
            (ReloadVariant.Whole, 0 or 1) or (> ReloadVariant.Whole and < ReloadVariant.CommitThoughNotAllHold, _) => Strictness.Never,
            (_, 0 or 2) => Strictness.Always,
            _ => Strictness.AsDeclared,
        };
        Network = new SimulatedNetwork(Simulator);
        Storage = new SimulatedStorage<HeadRow>(Simulator, HeadRow.None) { Wrote = row => History!.Stored(row) };
        Terms = new LeaseTerms(TimeSpan.FromSeconds(3), variant is ReloadVariant.NoDriftAllowance ? 0 : Drift);
        Client = NewNode("client");
        History = new ReloadHistory(this);
        Catalogs.Add(new SimulatedCatalog(this, NewNode("catalog")));
        Fleets.Add(new SimulatedFleet(this, NewNode("fleet")));
        for (var i = 0; i < Edges; i++)
        {
            StartEdge();
        }

        Simulator.Start(PublishAlwaysAsync);
        Simulator.Start(RevokeAlwaysAsync);
        new ReloadFaults(this).Schedule(Healed);
    }

    public ReloadVariant Variant { get; }

    public Simulator Simulator { get; }

    public SimulatedNetwork Network { get; }

    public SimulatedStorage<HeadRow> Storage { get; }

    public LeaseTerms Terms { get; }

    public ReloadHistory History { get; }

    /// <summary>Whether any revision of this workspace is a strict one.</summary>
    public bool MayBeStrict => _strictness is not Strictness.Never;

    public SimulatedNode Client { get; }

    public List<SimulatedCatalog> Catalogs { get; } = [];

    public List<SimulatedFleet> Fleets { get; } = [];

    public List<SimulatedEdge> LiveEdges { get; } = [];

    /// <summary>Bodies that no edge can compile, though the silo could.</summary>
    public static bool IsPoison(string hash) => hash.EndsWith('!');

    /// <summary>Bodies under which the workspace is strict.</summary>
    public static bool IsStrict(string hash) => hash.StartsWith('s');

    /// <summary>Runs to the end, and answers the hash of all that happened.</summary>
    /// <exception cref="InvariantBrokenException">Something that must hold did not.</exception>
    public ulong Run()
    {
        Simulator.RunTo(Healed);
        Network.Heal();
        Storage.Faults = StorageFaults.None;
        var publishesAgain = Simulator.Random.Happens(0.5);
        if (publishesAgain)
        {
            // In the other half, edges that missed the last change must come to it by themselves.
            Simulator.Start(() => PublishAsync(isPoison: false));
        }

        Simulator.RunTo(End);
        History.CheckConverged(LiveEdges, publishesAgain);
        return Simulator.Trace;
    }

    public SimulatedCatalog AnyCatalog() => Simulator.Random.Pick(Catalogs);

    public SimulatedFleet AnyFleet() => Simulator.Random.Pick(Fleets);

    public SimulatedNode NewNode(string kind)
    {
        var drift = Simulator.Random.Below(3) switch { 0 => -Drift, 1 => 0, _ => Drift };
        return new SimulatedNode(Simulator, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{kind}-{++_names}"), drift);
    }

    public void StartEdge()
    {
        var edge = new SimulatedEdge(this, NewNode("edge"));
        LiveEdges.Add(edge);
        Simulator.Start(async () =>
        {
            while (edge.Node.IsUp)
            {
                await Simulator.DelayAsync(Simulator.Random.Between(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(120)));
                Request(edge);
            }
        });
    }

    /// <summary>A commit was swapped in: requests come most densely when the leases of before end, and sometimes the edge that was granted last is cut off.</summary>
    public void Committed(Commit commit)
    {
        Simulator.Note("committed", commit.PublishId, commit.Number);
        if (Simulator.Now < Healed && LiveEdges.Count > 0 && Simulator.Random.Happens(0.25))
        {
            Network.Cut(Simulator.Random.Pick(LiveEdges).Id, "");
        }

        for (var at = -20; at < 80; at += 4)
        {
            Simulator.After(Terms.Length + TimeSpan.FromMilliseconds(at), () => LiveEdges.ForEach(Request));
        }
    }

    /// <summary>The catalog tells edges of a new head, by events that may be lost.</summary>
    public void Told(SimulatedNode from, Head head) => LiveEdges.ForEach(edge => Network.Send(from, edge.Node, () => edge.Hear(head)));

    /// <summary>The fleet asks an edge to prepare a candidate.</summary>
    public void Ask(SimulatedNode from, string edge, Head candidate)
    {
        if (LiveEdges.Find(e => string.Equals(e.Id, edge, StringComparison.Ordinal)) is { } asked)
        {
            Network.Send(from, asked.Node, () => asked.Prepare(candidate));
        }
    }

    /// <summary>The fleet asks an edge to hold new requests.</summary>
    public void Hold(SimulatedNode from, string edge, Head candidate)
    {
        if (LiveEdges.Find(e => string.Equals(e.Id, edge, StringComparison.Ordinal)) is { } asked)
        {
            Network.Send(from, asked.Node, () => asked.Hold(candidate));
        }
    }

    public void Activated(SimulatedEdge edge, Head head)
    {
        Simulator.Note("activated", edge.Id, head.Revision);
        History.Activated(edge, head);
    }

    private void Request(SimulatedEdge edge)
    {
        var (floor, waits) = (History.Floor, 0);
        edge.Node.Do(Try);

        void Try()
        {
            if (edge.Admits())
            {
                Simulator.Note("admitted", edge.Id, edge.Standing.Head!.Revision);
                History.Admitted(edge, floor);
            }
            else if (edge.IsHeld && ++waits < MostWaits)
            {
                Simulator.After(Wait, () => edge.Node.Do(Try));
            }
        }
    }

    private async Task PublishAlwaysAsync()
    {
        while (Simulator.Now < Healed)
        {
            await Simulator.DelayAsync(Simulator.Random.Between(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(1500)));
            Simulator.Start(() => PublishAsync(Simulator.Random.Happens(0.1)));
        }
    }

    private async Task PublishAsync(bool isPoison)
    {
        var body = ++_bodies;
        var isStrict = _strictness is Strictness.Always || (_strictness is Strictness.AsDeclared && Simulator.Random.Happens(0.5));
        var (id, hash) = ($"p{body}", $"{(isStrict ? 's' : 'h')}{body}{(isPoison ? "!" : "")}");
        for (var tries = 0; Simulator.Now < Healed ? tries < 3 : tries == 0 || (isStrict && Simulator.Now < LastTry); tries++)
        {
            var catalog = AnyCatalog();
            var answer = await Network.CallAsync(Client, catalog.Node, () => catalog.PublishAsync(id, hash), PublishBound);
            if (answer is { Came: true, Value: > 0 })
            {
                Simulator.Note("returned", id, answer.Value);
                History.Returned(id, answer.Value);
                return;
            }

            if (isStrict)
            {
                // An edge was silent, or another activation is at work: as callers are told, it is tried again.
                await Client.DelayAsync(TryAgain);
            }
        }
    }

    private async Task RevokeAlwaysAsync()
    {
        while (Simulator.Now < Healed)
        {
            await Simulator.DelayAsync(Simulator.Random.Between(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(2500)));
            var change = ++_changes;
            Simulator.Start(async () =>
            {
                var fleet = AnyFleet();
                LiveEdges.ForEach(edge => Network.Send(Client, edge.Node, () => edge.Apply(change)));
                if (await Network.CallAsync(Client, fleet.Node, () => fleet.RequireAsync(change), PublishBound) is { Came: true, Value: true })
                {
                    Simulator.Note("required", "", change);
                    History.Required(change);
                }
            });
        }
    }

    private enum Strictness
    {
        Never,
        Always,
        AsDeclared,
    }
}
