using System.Text;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Limits;

namespace Sluice.Tests.Cluster.Limits;

public sealed class RateShareTests(ClusterFixture cluster)
{
    private readonly string _workspace = ClusterFixture.NewWorkspace();

    [Fact]
    public async Task What_a_share_lost_is_given_on_when_its_holder_says_that_it_goes_by_the_smaller_one()
    {
        var limit = await DeclareAsync();
        var whole = await limit.LeaseAsync(Demand("a", number: 1, held: 0, places: 0));
        Assert.Equal((RateLease.Whole, 10), (whole.Share, whole.Concurrent));
        Assert.Equal((0, 0), await LeaseAsync(limit, Demand("b", number: 1, held: 0, places: 0)));

        var (share, places) = await LeaseAsync(limit, Demand("a", number: 2, held: RateLease.Whole, places: 10));
        Assert.True(share < RateLease.Whole && places < 10);
        Assert.Equal((0, 0), await LeaseAsync(limit, Demand("b", number: 2, held: 0, places: 0)));
        await limit.LeaseAsync(Demand("a", number: 3, held: share, places: places));
        var (otherShare, otherPlaces) = await LeaseAsync(limit, Demand("b", number: 3, held: 0, places: 0));

        Assert.InRange(otherShare, 1, RateLease.Whole - share);
        Assert.InRange(otherPlaces, 1, 10 - places);
    }

    [Fact]
    public async Task Places_of_requests_that_are_still_under_way_are_not_given_on()
    {
        var limit = await DeclareAsync();
        await limit.LeaseAsync(Demand("a", number: 1, held: 0, places: 0));
        await limit.LeaseAsync(Demand("b", number: 1, held: 0, places: 0));
        var (share, places) = await LeaseAsync(limit, Demand("a", number: 2, held: RateLease.Whole, places: 10));
        Assert.True(places < 10);

        await limit.LeaseAsync(Demand("a", number: 3, held: share, places: 9));

        Assert.True((await limit.LeaseAsync(Demand("b", number: 2, held: 0, places: 0))).Concurrent <= 1);
    }

    [Fact]
    public async Task A_demand_that_was_overtaken_does_not_free_what_its_edge_was_given_since()
    {
        var limit = await DeclareAsync();
        await limit.LeaseAsync(Demand("a", number: 1, held: 0, places: 0));
        await limit.LeaseAsync(Demand("b", number: 1, held: 0, places: 0));
        await limit.LeaseAsync(Demand("a", number: 3, held: RateLease.Whole, places: 10));

        await limit.LeaseAsync(Demand("a", number: 2, held: 0, places: 0));

        Assert.Equal((0, 0), await LeaseAsync(limit, Demand("b", number: 2, held: 0, places: 0)));
    }

    [Fact]
    public async Task Shares_and_places_of_many_edges_never_sum_above_the_whole()
    {
        var limit = await DeclareAsync();
        var edges = Enumerable.Range(0, 6).Select(i => $"edge-{i}").ToArray();
        var held = edges.ToDictionary(edge => edge, _ => (Share: 0, Places: 0));

        // One edge after the other tells what it goes by, as edges do that renew.
        for (var round = 1; round <= 5; round++)
        {
            foreach (var edge in edges)
            {
                held[edge] = await LeaseAsync(limit, Demand(edge, round, held[edge].Share, held[edge].Places));
                Assert.True(held.Values.Sum(h => h.Share) <= RateLease.Whole && held.Values.Sum(h => h.Places) <= 10, $"round {round}, {edge}");
            }
        }

        Assert.All(held.Values, h => Assert.True(h.Share > 0));
        var status = await limit.GetStatusAsync();
        Assert.Equal(held.Select(h => (h.Key, h.Value.Share)), status!.Shares.Select(s => (s.Edge, s.Share)).Order());
    }

    [Fact]
    public async Task A_share_that_is_given_back_goes_whole_to_the_next_with_the_credit_that_was_left()
    {
        var limit = await DeclareAsync();
        var first = await limit.LeaseAsync(Demand("a", number: 1, held: 0, places: 0));
        Assert.Equal(600_000_000, first.RequestCredit);
        await limit.ReturnAsync(new RateReturn("a", 2, 100_000_000, 0));
        await limit.ReturnAsync(new RateReturn("a", 2, 100_000_000, 0));

        var next = await limit.LeaseAsync(Demand("b", number: 1, held: 0, places: 0));

        Assert.Equal((RateLease.Whole, 10), (next.Share, next.Concurrent));
        Assert.InRange(next.RequestCredit, 100_000_000, 199_999_999);
    }

    [Fact]
    public async Task A_holder_that_is_gone_keeps_its_share_until_its_lease_ends_and_no_burst_is_given_twice()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var limit = await DeclareAsync(own);
        await limit.LeaseAsync(Demand("gone", number: 1, held: 0, places: 0));
        Assert.Equal((0, 0), await LeaseAsync(limit, Demand("b", number: 1, held: 0, places: 0)));

        own.Time.Advance(TimeSpan.FromSeconds(4));

        var lease = await limit.LeaseAsync(Demand("b", number: 2, held: 0, places: 0));
        Assert.Equal((RateLease.Whole, 10), (lease.Share, lease.Concurrent));
        Assert.InRange(lease.RequestCredit, 0, 300_000_000);
    }

    [Fact]
    public async Task A_restarted_counter_store_gives_nothing_twice()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        var limit = await DeclareAsync(own);
        await limit.LeaseAsync(Demand("a", number: 1, held: 0, places: 0));

        await own.RestartAsync(kill: true);

        limit = own.Client.GetGrain<IRateLimitGrain>(GrainKeys.Join(_workspace, "rate", "tenant/acme"));
        Assert.Equal((0, 0), await LeaseAsync(limit, Demand("b", number: 1, held: 0, places: 0)));
        var again = await limit.LeaseAsync(Demand("a", number: 2, held: RateLease.Whole, places: 10));
        Assert.Equal(0, again.RequestCredit);
    }

    [Fact]
    public async Task Holders_hear_of_an_edge_that_has_no_share()
    {
        var limit = await DeclareAsync();
        await limit.LeaseAsync(Demand("a", number: 1, held: 0, places: 0));
        var heard = limit.IsAwaitedAsync();

        // Which of the two calls arrives first is not known: an edge without a share asks again as well.
        await Eventually.TrueAsync(async () =>
        {
            await limit.LeaseAsync(Demand("b", number: 1, held: 0, places: 0));
            return heard.IsCompleted;
        });

        Assert.True(await heard);
    }

    private static RateDemand Demand(string edge, long number, int held, int places) => new(edge, 5, 0, 5, 1, number, held, places);

    private static async Task<(int Share, int Places)> LeaseAsync(IRateLimitGrain limit, RateDemand demand) =>
        await limit.LeaseAsync(demand) is var lease ? (lease.Share, lease.Concurrent) : default;

    private async Task<IRateLimitGrain> DeclareAsync(ClusterFixture? on = null)
    {
        var client = (on ?? cluster).Client;
        var limit = """{"kind":"Limit","name":"rate","subject":"tenant/acme","requests":{"per":"minute","amount":600},"concurrent":10}""";
        await client.GetGrain<ICatalogGrain>(_workspace).PublishAsync(
            new PublishRequest([Encoding.UTF8.GetBytes(limit)], [], Prune: false, IfMatch: null, DryRun: false, Author.System, "test"));
        return client.GetGrain<IRateLimitGrain>(GrainKeys.Join(_workspace, "rate", "tenant/acme"));
    }
}
