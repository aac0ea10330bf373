using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Limits;
using Sluice.Tests.Cluster.Edge;

namespace Sluice.Tests.Cluster.Limits;

/// <summary>A limit of a few requests a minute over several edges.</summary>
public sealed class ColdLimitTests(ClusterFixture cluster)
{
    private const string ThreeAMinute = """{"kind":"Limit","name":"rate","subject":"tenant/acme","requests":{"per":"minute","amount":3}}""";
    private static readonly Ask TenTokens = new("sandbox", 4, 6, null);
    private readonly Workspace _workspace = new(cluster.Client);

    [Fact]
    public async Task Of_three_requests_a_minute_four_edges_let_through_exactly_three_and_none_is_refused_while_one_is_left()
    {
        var key = await _workspace.CreateTenantAsync("acme");
        await _workspace.PublishAsync(ThreeAMinute);
        var edges = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RunningEdge.StartAsync(cluster.Client, _workspace.Name)));
        try
        {
            var first = new List<bool>();
            for (var i = 0; i < 3; i++)
            {
                first.Add(await PassesAsync(edges[i + 1], key.Secret));
            }

            var rest = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => PassesAsync(edges[i % 4], key.Secret)));

            Assert.Equal([true, true, true], first);
            Assert.All(rest, Assert.False);
        }
        finally
        {
            await Task.WhenAll(edges.Select(edge => edge.DisposeAsync().AsTask()));
        }
    }

    [Fact]
    public async Task A_restarted_counter_store_lets_nothing_through_twice()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var workspace = new Workspace(own.Client);
        await workspace.PublishAsync(ThreeAMinute);
        var limit = own.Client.GetGrain<IRateLimitGrain>(GrainKeys.Join(workspace.Name, "rate", "tenant/acme"));
        Assert.True((await limit.LeaseAsync(new RateDemand("a", 1, 10, 1, 1, 1, 0, 0))).IsCold);
        for (var i = 1; i <= 2; i++)
        {
            Assert.True((await limit.TakeAsync(Take(i))).IsTaken);
        }

        await own.RestartAsync(kill: true);

        limit = own.Client.GetGrain<IRateLimitGrain>(GrainKeys.Join(workspace.Name, "rate", "tenant/acme"));
        var passed = 0;
        for (var i = 3; i <= 6; i++)
        {
            passed += (await limit.TakeAsync(Take(i))).IsTaken ? 1 : 0;
        }

        Assert.InRange(passed, 0, 1);
    }

    private static RateTake Take(long number) => new("a", number, 1, 0, 1, 0, 0);

    private static async Task<bool> PassesAsync(RunningEdge edge, string key)
    {
        var caller = await edge.IdentifyAsync(key);
        var (reservation, refusal) = await edge.Meter.AdmitAsync(edge.Active.Current!, caller, TenTokens, TestContext.Current.CancellationToken);
        Assert.True(reservation is not null || refusal!.Reason == RefusalReason.RateLimited, refusal?.Message);
        return reservation is not null;
    }
}
