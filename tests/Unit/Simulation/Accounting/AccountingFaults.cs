namespace Sluice.Tests.Unit.Simulation.Accounting;

/// <summary>What goes wrong in a run: some faults, at times and in an order that the seed decides.</summary>
internal sealed class AccountingFaults(AccountingWorld world)
{
    private const int Most = 10;

    private Simulator Simulator => world.Simulator;

    private SeededRandom Random => world.Simulator.Random;

    /// <summary>Enters faults into the time before <paramref name="end"/>. A part of the runs has none: what is right only under faults is wrong too.</summary>
    public void Schedule(TimeSpan end)
    {
        if (Random.Happens(0.1))
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
        var kind = Random.Below(12);
        Simulator.Note("fault", "", kind);
        switch (kind)
        {
            case 0:
                world.Network.Cut(Random.Pick(world.LiveEdges).Node.Name, "");
                break;
            case 1:
                world.Network.Cut("", Random.Pick(world.LiveEdges).Node.Name);
                break;
            case 2:
                world.Network.Heal();
                break;
            case 3:
                world.Network.Faults = new NetworkFaults(Random.Part() * 0.2, Random.Part() * 0.3, Random.Part() * 0.3, Seconds(1.5));
                break;
            case 4:
                foreach (var account in world.Accounts)
                {
                    account.Storage.Faults = NewStorageFaults();
                }

                world.Usage.Storage.Faults = NewStorageFaults();
                break;
            case 5:
                ReplaceActivation(Random.Pick(world.Accounts));
                world.Usage.Replace();
                break;
            case 6:
                AddActivation(Random.Pick(world.Accounts));
                break;
            case 7:
                Random.Pick(world.LiveEdges).Node.Pause(Random.Between(Seconds(0.2), Seconds(1.5)));
                break;
            case 8:
                Random.Pick(world.Accounts).Any().Node.Pause(Random.Between(Seconds(0.2), Seconds(1.5)));
                break;
            case 9:
                world.MoveClocks(Random.Pick(world.Accounts).Any().Node, Random.Between(-Seconds(5), Seconds(5)));
                break;
            case 10:
                world.KillEdge(Random.Pick(world.LiveEdges));
                break;
            default:
                world.EndEdge(Random.Pick(world.LiveEdges));
                break;
        }
    }

    private StorageFaults NewStorageFaults() => new(Random.Part() * 0.2, Random.Part() * 0.3, Random.Part() * 0.2, Seconds(0.5));

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private void ReplaceActivation(BudgetAccount account)
    {
        var old = account.Any();
        old.Node.Kill();
        account.Activations.Remove(old);
        account.Activations.Add(new SimulatedBudget(world, account, world.NewNode("budget")));
    }

    // A second activation, which does not know that it is not alone, for some time.
    private void AddActivation(BudgetAccount account)
    {
        if (account.Activations.Count < 2)
        {
            var other = new SimulatedBudget(world, account, world.NewNode("budget"));
            account.Activations.Add(other);
            Simulator.After(Random.Between(Seconds(0.5), Seconds(5)), () =>
            {
                if (account.Activations.Count > 1 && account.Activations.Remove(other))
                {
                    other.Node.Kill();
                }
            });
        }
    }
}
