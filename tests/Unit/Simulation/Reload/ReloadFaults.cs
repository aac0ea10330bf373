namespace Sluice.Tests.Unit.Simulation.Reload;

/// <summary>What goes wrong in a run: some faults, at times and in an order that the seed decides.</summary>
internal sealed class ReloadFaults(ReloadWorld world)
{
    private const int Most = 12;

    private Simulator Simulator => world.Simulator;

    private SeededRandom Random => world.Simulator.Random;

    /// <summary>Enters faults into the time before <paramref name="end"/>. A part of the runs has none: what is right only under faults is wrong too.</summary>
    public void Schedule(TimeSpan end)
    {
        if (Random.Happens(0.05))
        {
            return;
        }

        var count = 1 + Random.Below(Most);
        for (var i = 0; i < count; i++)
        {
            Simulator.After(Random.Between(TimeSpan.FromMilliseconds(200), end), Happen);
        }
    }

    private void Happen()
    {
        var kind = Random.Below(13);
        Simulator.Note("fault", "", kind);
        switch (kind)
        {
            case 0:
                world.Network.Cut(Random.Pick(world.LiveEdges).Id, "");
                break;
            case 1:
                world.Network.Cut("", Random.Pick(world.LiveEdges).Id);
                break;
            case 2:
                world.Network.Heal();
                break;
            case 3:
                world.Network.Faults = new NetworkFaults(Random.Part() * 0.2, Random.Part() * 0.2, Random.Part() * 0.3, Seconds(2));
                break;
            case 4:
                world.Storage.Faults = new StorageFaults(Random.Part() * 0.2, Random.Part() * 0.3, Random.Part() * 0.2, Seconds(1));
                break;
            case 5:
                ReplaceCatalog();
                break;
            case 6:
                ReplaceFleet();
                break;
            case 7:
                AddActivations();
                break;
            case 8:
                Random.Pick(world.LiveEdges).Node.Pause(Random.Between(Seconds(0.2), Seconds(6)));
                break;
            case 9:
                (Random.Happens(0.5) ? world.AnyFleet().Node : world.AnyCatalog().Node).Pause(Random.Between(Seconds(0.2), Seconds(6)));
                break;
            case 10:
                Random.Pick(world.LiveEdges).Node.Suspend(Random.Between(Seconds(1), Seconds(6)));
                break;
            case 11:
                Random.Pick(world.LiveEdges).Node.JumpWall(Random.Between(Seconds(0), TimeSpan.FromHours(2)));
                break;
            default:
                ReplaceEdge();
                break;
        }
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private void ReplaceCatalog()
    {
        var old = world.AnyCatalog();
        old.Node.Kill();
        world.Catalogs.Remove(old);
        world.Catalogs.Add(new SimulatedCatalog(world, world.NewNode("catalog")));
    }

    private void ReplaceFleet()
    {
        var old = world.AnyFleet();
        old.Node.Kill();
        world.Fleets.Remove(old);
        world.Fleets.Add(new SimulatedFleet(world, world.NewNode("fleet")));
    }

    // A second activation of each, which does not know that it is not alone, for some time.
    private void AddActivations()
    {
        if (world.Catalogs.Count < 2)
        {
            var catalog = new SimulatedCatalog(world, world.NewNode("catalog"));
            world.Catalogs.Add(catalog);
            Simulator.After(Random.Between(Seconds(0.5), Seconds(6)), () => End(world.Catalogs, catalog, catalog.Node));
        }

        if (world.Fleets.Count < 2)
        {
            var fleet = new SimulatedFleet(world, world.NewNode("fleet"));
            world.Fleets.Add(fleet);
            Simulator.After(Random.Between(Seconds(0.5), Seconds(6)), () => End(world.Fleets, fleet, fleet.Node));
        }
    }

    private static void End<T>(List<T> activations, T activation, SimulatedNode node)
    {
        if (activations.Count > 1 && activations.Remove(activation))
        {
            node.Kill();
        }
    }

    private void ReplaceEdge()
    {
        var old = Random.Pick(world.LiveEdges);
        if (Random.Happens(0.5))
        {
            old.Leave();
        }
        else
        {
            old.Node.Kill();
        }

        world.LiveEdges.Remove(old);
        world.StartEdge();
    }
}
