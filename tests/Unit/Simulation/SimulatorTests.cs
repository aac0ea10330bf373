namespace Sluice.Tests.Unit.Simulation;

public sealed class SimulatorTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly Simulator _simulator = new(7);

    [Fact]
    public void What_happens_at_one_moment_happens_in_an_order_that_the_seed_decides()
    {
        Assert.Equal(Order(1), Order(1));
        Assert.Contains(Enumerable.Range(2, 20), seed => !string.Equals(Order((ulong)seed), Order(1), StringComparison.Ordinal));

        static string Order(ulong seed)
        {
            var (simulator, order) = (new Simulator(seed), "");
            for (var i = 0; i < 6; i++)
            {
                var name = i;
                simulator.After(Second, () => order += name);
            }

            simulator.RunTo(Second);
            return order;
        }
    }

    [Fact]
    public void A_node_that_is_paused_does_what_it_was_to_do_when_it_wakes()
    {
        var node = new SimulatedNode(_simulator, "n", 0);
        var done = TimeSpan.Zero;
        node.Pause(Second * 3);
        _simulator.After(Second, () => node.Do(() => done = _simulator.Now));

        _simulator.RunTo(Second * 5);

        Assert.Equal(Second * 3, done);
    }

    [Fact]
    public void The_monotonic_clock_of_a_suspended_node_stands_still_and_its_wall_clock_goes_on()
    {
        var node = new SimulatedNode(_simulator, "n", 0);
        _simulator.RunTo(Second);
        node.Suspend(Second * 4);
        _simulator.RunTo(Second * 6);

        Assert.Equal((Second * 2, Second * 6), (node.Monotonic, node.Wall));
    }

    [Fact]
    public void A_cut_loses_the_messages_of_one_direction()
    {
        var network = new SimulatedNetwork(_simulator);
        var (a, b, came) = (new SimulatedNode(_simulator, "a", 0), new SimulatedNode(_simulator, "b", 0), "");
        network.Cut("a", "b");
        network.Send(a, b, () => came += "ab");
        network.Send(b, a, () => came += "ba");

        _simulator.RunTo(Second);

        Assert.Equal("ba", came);
    }

    [Fact]
    public void Of_two_writers_of_one_row_one_wins_and_a_write_whose_answer_is_an_error_may_be_there()
    {
        var storage = new SimulatedStorage<string>(_simulator, "");
        var node = new SimulatedNode(_simulator, "n", 0);
        var results = new List<SwapResult>();
        _simulator.Start(async () => results.Add(await storage.SwapAsync(node, 0, "one")));
        _simulator.Start(async () => results.Add(await storage.SwapAsync(node, 0, "two")));
        _simulator.RunTo(Second);
        Assert.Equal([SwapResult.Done, SwapResult.Conflict], results.Order());

        storage.Faults = new StorageFaults(0, FailAfter: 1, 0, TimeSpan.Zero);
        _simulator.Start(async () => results.Add(await storage.SwapAsync(node, 1, "three")));
        _simulator.RunTo(Second * 2);

        Assert.Equal((SwapResult.Unknown, "three"), (results[2], storage.Row));
    }

    [Fact]
    public void A_node_that_was_killed_does_nothing_more()
    {
        var node = new SimulatedNode(_simulator, "n", 0);
        var done = false;
        _simulator.After(Second, () => node.Do(() => done = true));
        node.Kill();

        _simulator.RunTo(Second * 2);

        Assert.False(done);
    }
}
