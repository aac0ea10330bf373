using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Cluster.Edge;

public sealed class EdgeAccountsTests(ClusterFixture cluster)
{
    private static readonly Ask TenTokens = new("sandbox", 4, 6, null);
    private readonly Workspace _workspace = new(cluster.Client);

    [Fact]
    public async Task A_key_works_on_every_edge_until_it_is_revoked()
    {
        var key = await _workspace.CreateTenantAsync("acme");
        await using var first = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        await using var second = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        Assert.Equal(("acme", key.Record.Id), (await first.IdentifyAsync(key.Secret) is { } caller) ? (caller.Identity.Tenant, caller.Identity.KeyId) : default);
        Assert.NotNull(await second.IdentifyAsync(key.Secret));

        await _workspace.RevokeAsync("acme", key);

        await Eventually.HoldsAsync(async () => await first.IdentifyAsync(key.Secret) is null);
        await Eventually.HoldsAsync(async () => await second.IdentifyAsync(key.Secret) is null);
    }

    [Fact]
    public async Task A_suspended_tenant_is_refused_until_it_is_resumed()
    {
        var key = await _workspace.CreateTenantAsync("acme");
        await using var edge = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        Assert.NotNull(await edge.IdentifyAsync(key.Secret));

        await _workspace.SuspendAsync("acme", suspended: true);
        await Eventually.HoldsAsync(async () => await edge.IdentifyAsync(key.Secret) is null);
        await _workspace.SuspendAsync("acme", suspended: false);

        await Eventually.HoldsAsync(async () => await edge.IdentifyAsync(key.Secret) is not null);
    }

    [Fact]
    public async Task Two_edges_never_spend_more_than_a_hard_budget_and_what_they_spent_is_posted()
    {
        var key = await _workspace.CreateTenantAsync("acme");
        await _workspace.PublishAsync("""{"kind":"Budget","name":"daily","subject":"tenant/acme","amount":{"tokens":3000},"window":{"every":"day"}}""");
        var edges = new[]
        {
            await RunningEdge.StartAsync(cluster.Client, _workspace.Name), await RunningEdge.StartAsync(cluster.Client, _workspace.Name),
        };
        var admitted = 0;
        var refused = 0;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            var edge = edges[client % edges.Length];
            var caller = await edge.IdentifyAsync(key.Secret);
            for (var i = 0; i < 100; i++)
            {
                var (reservation, refusal) = await edge.Meter.AdmitAsync(edge.Active.Current!, caller, TenTokens, TestContext.Current.CancellationToken);
                if (reservation is null)
                {
                    Assert.Equal(RefusalReason.BudgetSpent, refusal!.Reason);
                    Interlocked.Increment(ref refused);
                    continue;
                }

                Interlocked.Increment(ref admitted);
                await Task.Yield();
                reservation.Settle(new Settlement(UsageSource.Reported, new TokenCounts { Input = 4, Output = 6 }, "sandbox/sandbox", 200));
            }
        }, TestContext.Current.CancellationToken)));
        foreach (var edge in edges)
        {
            await edge.DisposeAsync();
        }

        Assert.True(admitted <= 300, $"{admitted} requests of 10 tokens of 3,000");
        Assert.Equal(800, admitted + refused);
        var status = await _workspace.Budget("daily", "tenant/acme").GetStatusAsync();
        Assert.Equal((admitted * 10, 0), (status!.Posted, status.Leases.Length));
        await using var third = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        var last = await third.IdentifyAsync(key.Secret);
        for (var i = admitted; i < 300; i++)
        {
            Assert.NotNull((await third.Meter.AdmitAsync(third.Active.Current!, last, TenTokens, TestContext.Current.CancellationToken)).Reservation);
        }

        Assert.NotNull((await third.Meter.AdmitAsync(third.Active.Current!, last, TenTokens, TestContext.Current.CancellationToken)).Refusal);
    }

    [Fact]
    public async Task Two_edges_together_keep_to_a_rate_and_its_burst()
    {
        var key = await _workspace.CreateTenantAsync("acme");
        await _workspace.PublishAsync(
            """{"kind":"Limit","name":"rate","subject":"tenant/acme","requests":{"per":"minute","amount":600,"burst":20}}""");
        await using var first = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        await using var second = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        RunningEdge[] edges = [first, second];
        var admitted = new int[2];
        var began = TimeProvider.System.GetTimestamp();

        await Task.WhenAll(edges.Select((edge, index) => Task.Run(async () =>
        {
            var caller = await edge.IdentifyAsync(key.Secret);
            while (TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(4))
            {
                var admission = await edge.Meter.AdmitAsync(edge.Active.Current!, caller, TenTokens, TestContext.Current.CancellationToken);
                admission.Reservation?.Settle(new Settlement(UsageSource.None, default, "", 200));
                admitted[index] += admission.Reservation is null ? 0 : 1;
                await Task.Yield();
            }
        }, TestContext.Current.CancellationToken)));

        var most = 20 + (10 * TimeProvider.System.GetElapsedTime(began).TotalSeconds);
        Assert.True(admitted.Sum() <= most, $"{admitted[0]} and {admitted[1]} admitted, at most {most:0.0} may be");
        Assert.All(admitted, count => Assert.True(count > 0));
    }

    [Fact]
    public async Task An_edge_that_comes_to_a_limit_gets_its_share_before_the_holder_would_renew()
    {
        var key = await _workspace.CreateTenantAsync("acme");
        await _workspace.PublishAsync(
            """{"kind":"Limit","name":"rate","subject":"tenant/acme","requests":{"per":"minute","amount":60,"burst":60},"concurrent":10}""");
        await using var holder = await RunningEdge.StartAsync(cluster.Client, _workspace.Name, hasUpkeep: false);
        await using var newcomer = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        var caller = await holder.IdentifyAsync(key.Secret);
        Assert.NotNull((await holder.Meter.AdmitAsync(holder.Active.Current!, caller, TenTokens, TestContext.Current.CancellationToken)).Reservation);

        // The holder's lease is longer than an admission waits.
        caller = await newcomer.IdentifyAsync(key.Secret);
        var (reservation, refusal) = await newcomer.Meter.AdmitAsync(newcomer.Active.Current!, caller, TenTokens, TestContext.Current.CancellationToken);

        Assert.True(reservation is not null, refusal?.Message);
    }

    [Fact]
    public async Task A_provider_gets_its_secret_opened()
    {
        await using var edge = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);

        var revision = await _workspace.PublishAsync(
            """{"kind":"Secret","name":"openai-key","value":"sk-in-clear"}""",
            """{"kind":"Provider","name":"openai","dialect":"openai","address":"http://127.0.0.1:9/v1","credentials":[{"secret":"openai-key"}]}""");

        await edge.ReachAsync(revision);
        Assert.Equal(["sk-in-clear"], edge.Active.Current!.Credentials["openai"].Values.ToArray());
    }

    [Fact]
    public async Task What_was_used_is_in_the_usage_of_the_tenants_day()
    {
        var key = await _workspace.CreateTenantAsync("acme");
        await using var edge = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        var caller = await edge.IdentifyAsync(key.Secret);
        var day = TimeProvider.System.GetUtcNow();
        var (reservation, _) = await edge.Meter.AdmitAsync(edge.Active.Current!, caller, TenTokens, TestContext.Current.CancellationToken);
        reservation!.Settle(new Settlement(UsageSource.Reported, new TokenCounts { Input = 3, CachedRead = 1, Output = 5, Reasoning = 2 }, "sandbox/sandbox", 200));

        var grain = cluster.Client.GetGrain<IUsageGrain>(GrainKeys.Join(_workspace.Name, "acme", $"{day:yyyyMMdd}"));
        await Eventually.HoldsAsync(async () => !(await grain.GetSumsAsync()).Rows.IsEmpty);

        var row = Assert.Single((await grain.GetSumsAsync()).Rows);
        Assert.Equal((key.Record.Id, "sandbox", "sandbox/sandbox", 200), (row.Key.KeyId, row.Key.Model, row.Key.Target, row.Key.Status));
        Assert.Equal(new UsageFigures(1, new TokenCounts { Input = 3, CachedRead = 1, Output = 5, Reasoning = 2 }, 0), row.Used);
    }
}
