using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using static Sluice.Tests.Cluster.Catalog.Workspace;

namespace Sluice.Tests.Cluster.Catalog;

public sealed class PublishTests(ClusterFixture cluster)
{
    private readonly Workspace _workspace = new(cluster);

    [Fact]
    public async Task A_fresh_workspace_has_revision_zero()
    {
        Assert.Equal(new Head(0, 0, ""), await _workspace.Catalog.GetHeadAsync());
        Assert.Null(await _workspace.Catalog.GetRevisionAsync(0));
        Assert.Null(await _workspace.Catalog.GetRevisionAsync(1));
        Assert.Empty(await _workspace.Catalog.GetHistoryAsync(before: null, limit: 10));
    }

    [Fact]
    public async Task Revisions_are_numbered_without_gaps_and_hold_the_whole()
    {
        var first = await _workspace.PublishAsync(Upstream("a"));
        var second = await _workspace.PublishAsync(Upstream("b"));

        Assert.Equal((1, 2), (first.Revision, second.Revision));
        Assert.Equal(second, await _workspace.Catalog.GetHeadAsync());
        Assert.Equal(["Upstream/a"], await _workspace.NamesAsync(1));
        Assert.Equal(["Upstream/a", "Upstream/b"], await _workspace.NamesAsync(2));
        var revision = await _workspace.Catalog.GetRevisionAsync(2);
        Assert.Equal(second.Hash, RevisionCompiler.Hash(revision!.Resources));
        Assert.Equal("ann", revision.Info.Author.Name);
        Assert.Equal([new ResourceChange(ChangeType.Added, "Upstream", "b")], revision.Info.Changes);
    }

    [Fact]
    public async Task What_makes_one_revision_of_another_is_sent_alone()
    {
        var first = await _workspace.PublishAsync(Upstream("a"), Upstream("b"), Upstream("c"), Upstream("d"), Upstream("e"));
        var request = Change(Upstream("b", 81)) with { Delete = [new ResourceKey("Upstream", "d")] };
        var second = Assert.IsType<PublishOutcome.Published>(await _workspace.Catalog.PublishAsync(request)).Head;

        var delta = await _workspace.Catalog.FindDeltaAsync(second.Revision, second.Hash, first.Revision, first.Hash);

        Assert.Equal(["b"], delta!.Put.Select(r => r.Name));
        Assert.Equal([new ResourceKey("Upstream", "d")], delta.Removed);
        var made = RevisionCompiler.Apply((await _workspace.Catalog.GetRevisionAsync(first.Revision))!.Resources, delta.Put, delta.Removed);
        Assert.Equal(second.Hash, RevisionCompiler.Hash(made));
        Assert.Null(await _workspace.Catalog.FindDeltaAsync(second.Revision, second.Hash, first.Revision, second.Hash));
        Assert.Null(await _workspace.Catalog.FindDeltaAsync(second.Revision, first.Hash, first.Revision, first.Hash));
        var third = await _workspace.PublishAsync(Upstream("a", 9), Upstream("b", 9), Upstream("c", 9));
        Assert.Null(await _workspace.Catalog.FindDeltaAsync(third.Revision, third.Hash, second.Revision, second.Hash));
    }

    [Fact]
    public async Task The_time_of_each_phase_is_told()
    {
        var published = Assert.IsType<PublishOutcome.Published>(await _workspace.PutAsync(Upstream("a")));

        Assert.Equal("barrier check commit prepare store", string.Join(' ', published.Phases.Keys.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task A_dry_run_tells_the_differences_and_changes_nothing()
    {
        var head = await _workspace.PublishAsync(Upstream("a"));

        var outcome = await _workspace.Catalog.PublishAsync(Change(Upstream("b")) with { DryRun = true });

        var told = Assert.IsType<PublishOutcome.Checked>(outcome);
        Assert.Equal([new ResourceChange(ChangeType.Added, "Upstream", "b")], told.Changes);
        Assert.Equal(head, await _workspace.Catalog.GetHeadAsync());
        Assert.Equal(told.Hash, (await _workspace.PublishAsync(Upstream("b"))).Hash);
    }

    [Fact]
    public async Task A_stale_if_match_is_a_conflict_that_names_what_differs()
    {
        await _workspace.PublishAsync(Upstream("a"), Upstream("b"));
        await _workspace.PublishAsync(Upstream("a", 81));
        var head = await _workspace.PublishAsync(Upstream("c"));

        var outcome = await _workspace.Catalog.PublishAsync(Change(Upstream("b", 82)) with { IfMatch = 1 });

        var conflict = Assert.IsType<PublishOutcome.Conflict>(outcome);
        Assert.Equal(head, conflict.Head);
        Assert.Equal(
            [new ResourceChange(ChangeType.Changed, "Upstream", "a"), new ResourceChange(ChangeType.Added, "Upstream", "c")], conflict.Differing);
        Assert.Equal(head, await _workspace.Catalog.GetHeadAsync());
    }

    [Fact]
    public async Task An_if_match_that_is_right_publishes()
    {
        await _workspace.PublishAsync(Upstream("a"));

        var outcome = await _workspace.Catalog.PublishAsync(Change(Upstream("b")) with { IfMatch = 1 });

        Assert.IsType<PublishOutcome.Published>(outcome);
    }

    [Fact]
    public async Task A_change_that_changes_nothing_makes_no_revision()
    {
        var head = await _workspace.PublishAsync(Upstream("a"));

        var unchanged = Assert.IsType<PublishOutcome.Unchanged>(await _workspace.PutAsync(Upstream("a")));

        Assert.Equal(head, unchanged.Head);
        Assert.Equal(head, await _workspace.Catalog.GetHeadAsync());
    }

    [Fact]
    public async Task Deleting_and_pruning_remove()
    {
        await _workspace.PublishAsync(Upstream("a"), Upstream("b"), Upstream("c"));

        Assert.IsType<PublishOutcome.Published>(
            await _workspace.Catalog.PublishAsync(Change() with { Delete = [new ResourceKey("Upstream", "a")] }));
        Assert.Equal(["Upstream/b", "Upstream/c"], await _workspace.NamesAsync(2));

        Assert.IsType<PublishOutcome.Published>(await _workspace.Catalog.PublishAsync(Change(Upstream("c"), Upstream("d")) with { Prune = true }));
        Assert.Equal(["Upstream/c", "Upstream/d"], await _workspace.NamesAsync(3));
    }

    [Fact]
    public async Task One_resource_of_the_active_revision_is_found_by_its_name()
    {
        await _workspace.PublishAsync(Upstream("a"));

        Assert.Equal("a", (await _workspace.Catalog.GetResourceAsync("Upstream", "a"))?.Name);
        Assert.Null(await _workspace.Catalog.GetResourceAsync("Upstream", "b"));
        Assert.Null(await _workspace.Catalog.GetResourceAsync("Route", "a"));
    }

    [Fact]
    public async Task Publishers_at_once_all_get_a_revision_of_their_own_and_none_is_lost()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => _workspace.PutAsync(Upstream($"u{i}"))));

        var numbers = outcomes.Select(o => Assert.IsType<PublishOutcome.Published>(o).Head.Revision).Order();
        Assert.Equal(Enumerable.Range(1, 20).Select(n => (long)n), numbers);
        Assert.Equal(20, (await _workspace.NamesAsync(20)).Length);
    }

    [Fact]
    public async Task Of_publishers_that_saw_the_same_revision_one_wins()
    {
        await _workspace.PublishAsync(Upstream("a"));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10)
            .Select(i => _workspace.Catalog.PublishAsync(Change(Upstream($"u{i}")) with { IfMatch = 1 })));

        Assert.Single(outcomes.OfType<PublishOutcome.Published>());
        Assert.Equal(9, outcomes.OfType<PublishOutcome.Conflict>().Count());
        Assert.Equal(2, (await _workspace.Catalog.GetHeadAsync()).Revision);
    }
}
