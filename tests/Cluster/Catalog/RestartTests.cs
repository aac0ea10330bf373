using Sluice.Grains.Interfaces.Catalog;
using static Sluice.Tests.Cluster.Catalog.Workspace;

namespace Sluice.Tests.Cluster.Catalog;

public sealed class RestartTests : IAsyncLifetime
{
    private readonly ClusterFixture _cluster = new();
    private int _answeredCount;

    public ValueTask InitializeAsync() => _cluster.InitializeAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restart_keeps_every_revision_and_goes_on_with_the_next_number(bool kill)
    {
        var workspace = new Workspace(_cluster);
        await workspace.PublishAsync(Upstream("a"));
        var head = await workspace.PublishAsync(Upstream("b"));
        var body = await workspace.Catalog.GetRevisionAsync(2);

        await _cluster.RestartAsync(kill);

        Assert.Equal(head, await workspace.Catalog.GetHeadAsync());
        var kept = await workspace.Catalog.GetRevisionAsync(2);
        Assert.Equal(body!.Resources.Select(r => (r.Name, r.Hash, Convert.ToHexString(r.Json))), kept!.Resources.Select(r => (r.Name, r.Hash, Convert.ToHexString(r.Json))));
        Assert.Equal(body.Info.Changes, kept.Info.Changes);
        var next = await workspace.PublishAsync(Upstream("c"));
        Assert.Equal(3, next.Revision);
        Assert.True(next.Term > head.Term, "an activation that takes over publishes under a later term");
    }

    [Fact]
    public async Task A_silo_killed_in_the_midst_of_publishing_keeps_what_it_answered_and_a_history_without_gaps()
    {
        var workspace = new Workspace(_cluster);
        var answered = new List<Head>();
        using var killed = new CancellationTokenSource();
        var publishing = PublishUntilAsync();
        await Eventually.TrueAsync(() => Volatile.Read(ref _answeredCount) >= 5);

        await _cluster.RestartAsync(kill: true);
        await killed.CancelAsync();
        await publishing;

        var head = await workspace.Catalog.GetHeadAsync();
        Assert.True(head.Revision >= answered[^1].Revision, "an answered revision is lost");
        var history = await workspace.Catalog.GetHistoryAsync(before: null, limit: 1000);
        Assert.Equal(Enumerable.Range(0, (int)head.Revision).Select(i => head.Revision - i), history.Select(i => i.Number));
        Assert.All(answered, a => Assert.Equal(a.Hash, history.Single(i => i.Number == a.Revision).Hash));
        Assert.Equal(head.Revision + 1, (await workspace.PublishAsync(Upstream("last"))).Revision);

        async Task PublishUntilAsync()
        {
            for (var i = 0; !killed.IsCancellationRequested; i++)
            {
                try
                {
                    if (await workspace.PutAsync(Upstream($"u{i % 50}", 1 + i)) is PublishOutcome.Published published)
                    {
                        answered.Add(published.Head);
                        Interlocked.Increment(ref _answeredCount);
                    }
                }
                catch (Exception e) when (e is not Xunit.Sdk.XunitException)
                {
                    // The silo is gone, or going.
                    await Task.Yield();
                }
            }
        }
    }
}
