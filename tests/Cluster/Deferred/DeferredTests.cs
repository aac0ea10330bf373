using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Deferred;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Tests.Cluster.Budgets;
using Sluice.Tests.Cluster.Usage;

namespace Sluice.Tests.Cluster.Deferred;

/// <summary>What providers do later: held until it has ended, and charged once.</summary>
public sealed class DeferredTests(ClusterFixture cluster)
{
    private static readonly ListedWork Listed = new("told", "p", "place", "input", "mine", "in_progress", "{}");

    [Fact]
    public async Task What_has_ended_is_charged_once_though_silos_are_lost_on_the_way()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var declared = await DeclaredBudget.PublishAsync(own);
        await BeginAsync(own, declared);
        await Of(own, declared).StartAsync("r1", Listed.Place, Listed);
        Assert.Equal(60, Assert.Single((await StatusAsync(own, declared)).Leases).Amount);

        own.OnCall = static call => call.InterfaceMethod.Name is nameof(IEdgeBudgetGrain.ReportAsync) ? throw new TimeoutException("Lost.") : call.Invoke();
        await Of(own, declared).EndAsync("r1", End(20));
        await own.RestartAsync(kill: true);
        Assert.Equal(["acme"], await own.Client.GetGrain<IEdgeDeferredDirectoryGrain>(declared.Workspace).ListAsync());
        own.OnCall = static call => call.Invoke();
        Assert.Empty(await Of(own, declared).DueAsync());
        await Of(own, declared).EndAsync("r1", End(50));

        var status = await StatusAsync(own, declared);
        Assert.Equal((20, 80, 0), (status.Posted, status.Left, status.Leases.Length));
        var day = new TenantDay(own, declared.Workspace, UsageRows.DayOf(own.Time.GetUtcNow()));
        Assert.Equal(["r1"], await day.RecordsAsync());
        Assert.Equal((20, 1), ((await day.Grain.GetSumsAsync()).Rows.Single().Used.Tokens.Input, (await day.Grain.GetSumsAsync()).Rows.Single().Used.Requests));
        Assert.Equal(20, Assert.Single((await day.Grain.GetSumsAsync()).Charges).Amount);
        await Of(own, declared).DueAsync();
        Assert.Empty(await own.Client.GetGrain<IEdgeDeferredDirectoryGrain>(declared.Workspace).ListAsync());
    }

    [Fact]
    public async Task What_a_budget_does_not_cover_is_not_held_and_what_was_not_begun_is_given_back()
    {
        var declared = await DeclaredBudget.PublishAsync(cluster);
        var works = Of(cluster, declared);

        Assert.Equal(HoldOutcome.Held, (await works.HoldAsync(Work("r1", 60))).Outcome);
        var refused = await works.HoldAsync(Work("r2", 60));
        await works.DropAsync("r1");
        var asked = await works.PrepareAsync("r1", "input");
        Assert.Equal(HoldOutcome.Held, (await works.HoldAsync(Work("r3", 100))).Outcome);

        Assert.Equal((HoldOutcome.Refused, 0, 40), (refused.Outcome, refused.Level, refused.Answer!.Left));
        Assert.False(asked);
        Assert.Equal(100, Assert.Single((await StatusAsync(cluster, declared)).Leases).Amount);
    }

    [Fact]
    public async Task What_may_have_been_begun_stays_held_and_is_looked_at_again_and_what_was_never_asked_for_is_given_up()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var declared = await DeclaredBudget.PublishAsync(own);
        var works = Of(own, declared);
        await works.HoldAsync(Work("r0", 10));
        await BeginAsync(own, declared);

        own.Time.Advance(TimeSpan.FromHours(2));
        var due = await works.DueAsync();
        var soon = await works.DueAsync();
        own.Time.Advance(TimeSpan.FromMinutes(11));
        var later = await works.DueAsync();

        Assert.Equal(("r1", "input", null), (due.Single().Work.Id, due.Single().Input, due.Single().Place));
        Assert.Empty(soon);
        Assert.Equal("r1", later.Single().Work.Id);
        Assert.Equal(60, Assert.Single((await StatusAsync(own, declared)).Leases).Amount);
    }

    [Fact]
    public async Task All_that_was_held_counts_where_nothing_is_known_and_a_budget_that_is_gone_binds_nobody()
    {
        var declared = await DeclaredBudget.PublishAsync(cluster);
        var works = Of(cluster, declared);
        var gone = new DeferredBudget("gone", "tenant/acme", DeferredUnit.Requests, 3);
        await works.HoldAsync(Work("r1", 60) with { Budgets = [gone, .. Work("r1", 60).Budgets] });
        await works.PrepareAsync("r1", "input");
        await works.StartAsync("r1", Listed.Place, Listed);

        await works.EndAsync("r1", new DeferredEnd(UsageSource.Reserved, default, 0, 0, 200));

        Assert.Equal((60, 0), ((await StatusAsync(cluster, declared)).Posted, (await StatusAsync(cluster, declared)).Leases.Length));
        var charges = (await new TenantDay(cluster, declared.Workspace, UsageRows.DayOf(cluster.Time.GetUtcNow())).Grain.GetSumsAsync()).Charges;
        Assert.Equal(("daily", 60), (Assert.Single(charges).Budget, charges[0].Amount));
    }

    private static async Task BeginAsync(ClusterFixture on, DeclaredBudget declared)
    {
        Assert.Equal(HoldOutcome.Held, (await Of(on, declared).HoldAsync(Work("r1", 60))).Outcome);
        Assert.True(await Of(on, declared).PrepareAsync("r1", "input"));
    }

    private static DeferredWork Work(string id, long tokens) => new(
        id, "p", "m", "p/m", "k", "", [], 1, DateTimeOffset.UnixEpoch, 3, new TokenCounts { Input = tokens }, 0, new TokenCounts { Input = tokens }, 0, null,
        [new DeferredBudget("daily", "tenant/acme", DeferredUnit.Tokens, tokens)], DeferredKind.Batch, 2);

    private static DeferredEnd End(long tokens) => new(UsageSource.Reported, new TokenCounts { Input = tokens }, 0, 3, 200);

    private static IDeferredGrain Of(ClusterFixture on, DeclaredBudget declared) => on.Client.GetGrain<IDeferredGrain>(GrainKeys.Join(declared.Workspace, "acme"));

    private static async Task<BudgetStatus> StatusAsync(ClusterFixture on, DeclaredBudget declared) => (await declared.On(on).GetStatusAsync())!;
}
