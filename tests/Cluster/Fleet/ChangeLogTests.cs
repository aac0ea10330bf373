using System.Collections.Concurrent;
using Orleans.Streams;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Tests.Cluster.Catalog;

namespace Sluice.Tests.Cluster.Fleet;

public sealed class ChangeLogTests(ClusterFixture cluster)
{
    private readonly string _workspace = ClusterFixture.NewWorkspace();

    private IChangeLogGrain Log => cluster.Client.GetGrain<IChangeLogGrain>(_workspace);

    [Fact]
    public async Task Changes_appended_at_once_get_numbers_of_their_own_without_gaps()
    {
        var numbers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Log.AppendAsync(New($"t{i}"))));

        Assert.Equal(Enumerable.Range(1, 200).Select(n => (long)n), numbers.Order());
        Assert.Equal(200, await Log.GetLastAsync());
        var page = await Log.SinceAsync(0, 1000);
        Assert.Equal(Enumerable.Range(1, 200).Select(n => (long)n), page.Changes.Select(c => c.Number));
        Assert.True(page.Complete);
    }

    [Fact]
    public async Task Who_missed_more_than_is_kept_is_told_so()
    {
        await Task.WhenAll(Enumerable.Range(0, 600).Select(i => Log.AppendAsync(New($"t{i}"))));

        Assert.False((await Log.SinceAsync(0, 1000)).Complete);
        Assert.True((await Log.SinceAsync(590, 1000)).Complete);
    }

    [Fact]
    public async Task A_subscriber_receives_each_change_with_its_number()
    {
        var received = new ConcurrentQueue<Change>();
        var stream = cluster.Client.GetStreamProvider(ChangeStream.Provider).GetStream<Change>(StreamId.Create(ChangeStream.Namespace, _workspace));
        await stream.SubscribeAsync((change, _) =>
        {
            received.Enqueue(change);
            return Task.CompletedTask;
        });

        await Log.AppendAsync(New("acme") with { KeyHash = "1.ab" });
        await Log.AppendAsync(New("zenith"));

        await Eventually.TrueAsync(() => received.Count >= 2);
        Assert.Equal((await Log.SinceAsync(0, 10)).Changes, received);
    }

    [Fact]
    public async Task A_new_revision_is_told()
    {
        var workspace = new Workspace(cluster);
        await workspace.PublishAsync(Workspace.Upstream("a"));

        var change = Assert.Single((await cluster.Client.GetGrain<IChangeLogGrain>(workspace.Name).SinceAsync(0, 10)).Changes);

        Assert.Equal((ChangeKind.RevisionActivated, "1", "ann"), (change.Kind, change.Subject, change.Author.Name));
    }

    [Fact]
    public async Task A_restart_keeps_the_changes_and_goes_on_with_the_next_number()
    {
        await using var own = new ClusterFixture();
        await own.InitializeAsync();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => own.Client.GetGrain<IChangeLogGrain>(_workspace).AppendAsync(New($"t{i}"))));
        var before = await own.Client.GetGrain<IChangeLogGrain>(_workspace).SinceAsync(0, 100);

        await own.RestartAsync(kill: true);

        var log = own.Client.GetGrain<IChangeLogGrain>(_workspace);
        Assert.Equal(before.Changes, (await log.SinceAsync(0, 100)).Changes);
        Assert.Equal(41, await log.AppendAsync(New("next")));
    }

    private static NewChange New(string subject) => new(ChangeKind.TenantCreated, subject, Author.System);
}
