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

    private static RateDemand Demand(string edge, long number, int held, int places) => new(edge, 5, 0, 5, 1, number, held, places);

    private static async Task<(int Share, int Places)> LeaseAsync(IRateLimitGrain limit, RateDemand demand) =>
        await limit.LeaseAsync(demand) is var lease ? (lease.Share, lease.Concurrent) : default;

    private async Task<IRateLimitGrain> DeclareAsync()
    {
        var limit = """{"kind":"Limit","name":"rate","subject":"tenant/acme","requests":{"per":"minute","amount":600},"concurrent":10}""";
        await cluster.Client.GetGrain<ICatalogGrain>(_workspace).PublishAsync(
            new PublishRequest([Encoding.UTF8.GetBytes(limit)], [], Prune: false, IfMatch: null, DryRun: false, Author.System, "test"));
        return cluster.Client.GetGrain<IRateLimitGrain>(GrainKeys.Join(_workspace, "rate", "tenant/acme"));
    }
}
