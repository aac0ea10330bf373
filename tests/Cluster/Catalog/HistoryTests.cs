using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using static Sluice.Tests.Cluster.Catalog.Workspace;

namespace Sluice.Tests.Cluster.Catalog;

public sealed class HistoryTests(ClusterFixture cluster)
{
    private readonly Workspace _workspace = new(cluster);

    [Fact]
    public async Task History_is_told_in_pages_newest_first()
    {
        for (var i = 1; i <= 7; i++)
        {
            await _workspace.PublishAsync(Upstream("a", i));
        }

        Assert.Equal([7L, 6, 5], (await _workspace.Catalog.GetHistoryAsync(before: null, limit: 3)).Select(i => i.Number));
        Assert.Equal([4L, 3, 2], (await _workspace.Catalog.GetHistoryAsync(before: 5, limit: 3)).Select(i => i.Number));
        Assert.Equal([1L], (await _workspace.Catalog.GetHistoryAsync(before: 2, limit: 3)).Select(i => i.Number));
        Assert.Empty(await _workspace.Catalog.GetHistoryAsync(before: 1, limit: 3));
    }

    [Fact]
    public async Task A_rollback_is_a_new_revision_with_the_old_body()
    {
        var first = await _workspace.PublishAsync(Upstream("a"));
        await _workspace.PublishAsync(Upstream("b"));

        var outcome = await _workspace.Catalog.RollbackAsync(1, ifMatch: 2, Author.System, "b was wrong");

        var published = Assert.IsType<PublishOutcome.Published>(outcome);
        Assert.Equal(3, published.Head.Revision);
        Assert.Equal(first.Hash, published.Head.Hash);
        Assert.Equal([new ResourceChange(ChangeType.Removed, "Upstream", "b")], published.Changes);
        Assert.Equal(["Upstream/a"], await _workspace.NamesAsync(3));
        var info = (await _workspace.Catalog.GetHistoryAsync(before: null, limit: 1))[0];
        Assert.Equal((1, "b was wrong"), (info.RollbackOf, info.Reason));
    }

    [Fact]
    public async Task A_rollback_to_what_is_active_changes_nothing()
    {
        await _workspace.PublishAsync(Upstream("a"));

        Assert.IsType<PublishOutcome.Unchanged>(await _workspace.Catalog.RollbackAsync(1, ifMatch: null, Author.System, reason: null));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(2)]
    public async Task A_rollback_to_a_revision_that_does_not_exist_says_so(long to)
    {
        await _workspace.PublishAsync(Upstream("a"));

        var outcome = await _workspace.Catalog.RollbackAsync(to, ifMatch: null, Author.System, reason: null);

        Assert.Equal(new PublishOutcome.UnknownRevision(to), outcome);
    }

    [Fact]
    public async Task A_rollback_under_a_stale_if_match_is_a_conflict()
    {
        await _workspace.PublishAsync(Upstream("a"));
        await _workspace.PublishAsync(Upstream("b"));

        Assert.IsType<PublishOutcome.Conflict>(await _workspace.Catalog.RollbackAsync(1, ifMatch: 1, Author.System, reason: null));
    }
}
