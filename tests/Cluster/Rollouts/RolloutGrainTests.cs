using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Tests.Cluster.Rollouts;

public sealed class RolloutGrainTests(ClusterFixture cluster)
{
    private static readonly TimeSpan Hold = TimeSpan.FromHours(2);
    private readonly Shop _shop = new(cluster);

    [Fact]
    public async Task A_step_is_published_and_watched_and_the_next_one_waits_for_the_hold_and_the_requests()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var shop = new Shop(own);
        await shop.DeclareAsync();
        await shop.StartAsync(Shop.Spec(Hold, 50, 100, 10_000));
        await shop.ReachesAsync(r => r.Step == 1);
        Assert.Equal(new WatchedSplit("r", 1, SplitKind.Route, "shop", "v1", "v2"), Assert.Single(await shop.Directory.GetWatchedAsync()));

        await shop.Rollout.ReportAsync(new FiguresBatch("e", 1, 1, Shop.Counted(5_000, 0), Shop.Counted(50, 0)));
        Assert.Equal(1, (await shop.Rollout.GetAsync())!.Step);
        own.Time.Advance(Hold);
        await shop.ReachesAsync(r => r.Step == 2);

        own.Time.Advance(Hold);
        await shop.Rollout.ReportAsync(new FiguresBatch("e", 1, 2, Shop.Counted(0, 0), Shop.Counted(50, 0)));
        await shop.ReachesAsync(r => r.State == RolloutState.Completed);
        var (weights, reasons) = await shop.PublishedAsync();
        Assert.Equal("0 10000", weights);
        Assert.Equal(["test", "rollout r: step 1 of 2 (100 of 10000 to v2): the rollout begins"], reasons[..2]);
        Assert.Equal(3, reasons.Length);

        // Told after it is stored.
        string[] told = [];
        await Eventually.TrueAsync(async () =>
        {
            told = [.. (await own.Client.GetGrain<IChangeLogGrain>(shop.Workspace).SinceAsync(0, 100)).Changes.Where(c => c.Kind == ChangeKind.Rollout).Select(c => c.Subject)];
            return told.Length == 3;
        });
        Assert.Equal(["r/step-1", "r/step-2", "r/completed"], told);
        Assert.Empty(await shop.Directory.GetWatchedAsync());
    }

    [Fact]
    public async Task A_failed_guard_publishes_the_weights_of_before()
    {
        await _shop.DeclareAsync();
        await _shop.StartAsync(Shop.Spec(Hold, 0, 5_000, 10_000));
        await _shop.ReachesAsync(r => r.Step == 1);

        await _shop.Rollout.ReportAsync(new FiguresBatch("e", 1, 1, Shop.Counted(1_000, 1), Shop.Counted(1_000, 200)));
        var ended = await _shop.ReachesAsync(r => r.State == RolloutState.RolledBack);

        Assert.Equal("1 0", (await _shop.PublishedAsync()).Weights);
        Assert.Equal(GuardVerdict.Failed, Assert.Single(ended.Guards).Verdict);
        Assert.IsType<RolloutOutcome.Refused>(await _shop.SteerAsync(RolloutCommand.Abort));
    }

    [Fact]
    public async Task Its_figures_count_once_and_are_known_after_a_kill()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var shop = new Shop(own);
        await shop.DeclareAsync();
        await shop.StartAsync(Shop.Spec(Hold, 0, 5_000, 10_000));
        await shop.ReachesAsync(r => r.Step == 1);
        var batch = new FiguresBatch("e", 1, 1, Shop.Counted(100, 0), Shop.Counted(10, 0));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => shop.Rollout.ReportAsync(batch with { Edge = $"e{i % 10}" })));
        Assert.Equal((1_000, 100), await CountedAsync());

        await own.RestartAsync(kill: true);
        await shop.Rollout.ReportAsync(batch with { Edge = "e0" });

        Assert.Equal((1_000, 100), await CountedAsync());
        Assert.Equal((RolloutState.Running, 1), await shop.Rollout.GetAsync() is { } status ? (status.State, status.Step) : default);

        async Task<(long, long)> CountedAsync() => await shop.Rollout.GetAsync() is { } status ? (status.Old.Requests, status.New.Requests) : default;
    }

    [Fact]
    public async Task Whenever_its_silo_is_killed_each_step_is_one_revision_and_nobody_has_to_wake_it()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var shop = new Shop(own, GrainKeys.DefaultWorkspace);
        await shop.DeclareAsync();
        int[] shares = [.. Enumerable.Range(1, 10).Select(i => i * 1_000)];
        await shop.StartAsync(Shop.Spec(TimeSpan.Zero, 0, shares));
        for (var kills = 0; kills < 4; kills++)
        {
            // Each time at another place of the way from one step to the next.
            await Task.Delay(TimeSpan.FromMilliseconds(100 + (kills * 170)), TimeProvider.System, TestContext.Current.CancellationToken);
            await own.RestartAsync(kill: true);
        }

        // The catalog alone is asked: the rollout goes on without a call to it.
        await Eventually.TrueAsync(async () => (await shop.PublishedAsync()).Weights is "0 10000");
        var ended = await shop.ReachesAsync(r => r.State == RolloutState.Completed);

        var steps = (await shop.PublishedAsync()).Reasons.Where(r => r.StartsWith("rollout", StringComparison.Ordinal)).Select(r => r.Split(" (")[0]);
        Assert.Equal(Enumerable.Range(1, 10).Select(i => $"rollout r: step {i} of 10"), steps);
        Assert.Equal(10, ended.History.Count(e => e.What is "step"));
    }

    [Fact]
    public async Task Another_ones_weights_stop_it_and_free_the_split()
    {
        await _shop.DeclareAsync();
        await _shop.StartAsync(Shop.Spec(Hold, 0, 5_000, 10_000));
        await _shop.ReachesAsync(r => r.Step == 1);

        await _shop.PutAsync("""{ "kind": "Route", "name": "shop", "match": { "path": "/shop" }, "split": [{ "upstream": "v1", "weight": 2 }, { "upstream": "v2", "weight": 1 }] }""");

        await _shop.ReachesAsync(r => r.State == RolloutState.Stopped);
        Assert.Equal("2 1", (await _shop.PublishedAsync()).Weights);
        await Eventually.TrueAsync(async () => await _shop.Directory.ClaimAsync("next", SplitKind.Route, "shop") is null);
    }

    [Fact]
    public async Task A_minimum_that_does_not_come_pauses_it()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var shop = new Shop(own);
        await shop.DeclareAsync();
        await shop.StartAsync(Shop.Spec(Hold, 50, 100, 10_000));
        await shop.ReachesAsync(r => r.Step == 1);

        own.Time.Advance(Hold + TimeSpan.FromHours(2));
        var paused = await shop.ReachesAsync(r => r.State == RolloutState.Paused);

        Assert.Contains("only 0 of at least 50 requests", paused.History[^1].Why, StringComparison.Ordinal);
        Assert.IsType<RolloutOutcome.Done>(await shop.SteerAsync(RolloutCommand.Resume));
        Assert.Equal(RolloutState.Running, (await shop.Rollout.GetAsync())!.State);
    }

    [Fact]
    public async Task One_name_and_one_split_are_taken_once()
    {
        await _shop.DeclareAsync();
        var spec = Shop.Spec(Hold, 0, 10_000);
        var outcomes = await Task.WhenAll(_shop.Rollout.StartAsync(spec, Author.System), _shop.Named("other").StartAsync(spec, Author.System));

        Assert.Single(outcomes.OfType<RolloutOutcome.Done>());
        Assert.Single(outcomes.OfType<RolloutOutcome.Taken>());
        Assert.IsType<RolloutOutcome.Unknown>(await _shop.Named("nothing").SteerAsync(RolloutCommand.Pause, Author.System));
    }
}
