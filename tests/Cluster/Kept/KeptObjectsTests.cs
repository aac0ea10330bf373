using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Kept;

namespace Sluice.Tests.Cluster.Kept;

public sealed class KeptObjectsTests(ClusterFixture cluster)
{
    private readonly string _workspace = ClusterFixture.NewWorkspace();

    [Fact]
    public async Task Edges_of_a_workspace_have_one_key_of_ids_and_another_workspace_another()
    {
        var key = (await cluster.Client.GetGrain<IEdgeSecretsGrain>(_workspace).KeptIdKeyAsync()).Value;
        var again = (await cluster.Client.GetGrain<IEdgeSecretsGrain>(_workspace).KeptIdKeyAsync()).Value;
        var other = (await cluster.Client.GetGrain<IEdgeSecretsGrain>(ClusterFixture.NewWorkspace()).KeptIdKeyAsync()).Value;

        Assert.Equal(32, Convert.FromBase64String(key).Length);
        Assert.Equal(key, again);
        Assert.NotEqual(key, other);
    }

    [Fact]
    public async Task What_was_added_is_listed_for_its_tenant_alone_until_it_is_removed()
    {
        var (acme, other) = (Of("acme"), Of("other"));
        await acme.AddAsync(new KeptObject("id1", "p", "place1", 3, 1, null, "a", "user_data"));
        await acme.AddAsync(new KeptObject("id2", "p", "place2", 4, 2, null, "b", "user_data"));

        Assert.Equal(["id2", "id1"], (await acme.ListAsync(new KeptQuery(null, 10, IsAscending: false, null))).Items.Select(o => o.Id));
        Assert.Empty((await other.ListAsync(new KeptQuery(null, 10, IsAscending: false, null))).Items);
        await acme.RemoveAsync("p", "place2");
        await acme.RemoveAsync("p", "place2");
        Assert.Equal(["id1"], (await acme.ListAsync(new KeptQuery(null, 10, IsAscending: false, null))).Items.Select(o => o.Id));
    }

    private IKeptObjectsGrain Of(string tenant) => cluster.Client.GetGrain<IKeptObjectsGrain>(GrainKeys.Join(_workspace, tenant));
}
