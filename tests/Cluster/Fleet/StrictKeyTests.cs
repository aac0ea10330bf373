using System.Collections.Concurrent;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Tests.Cluster.Edge;
using Workspace = Sluice.Tests.Cluster.Catalog.Workspace;

namespace Sluice.Tests.Cluster.Fleet;

/// <summary>In a strict workspace a right ends for all edges in one moment.</summary>
public sealed class StrictKeyTests(ClusterFixture cluster)
{
    private const int Times = 15;
    private readonly Workspace _workspace = new(cluster);

    private ITenantGrain Tenant => cluster.Client.GetGrain<ITenantGrain>(GrainKeys.Join(_workspace.Name, "acme"));

    [Fact]
    public Task Once_a_revoked_key_was_refused_by_one_edge_no_other_takes_it() =>
        EndsInOneMomentAsync(key => Tenant.RevokeKeyAsync(key.Record.Id, Author.System));

    [Fact]
    public Task Once_a_key_of_a_suspended_tenant_was_refused_by_one_edge_no_other_takes_it() =>
        EndsInOneMomentAsync(_ => Tenant.SetSuspendedAsync(suspended: true, Author.System), () => Tenant.SetSuspendedAsync(suspended: false, Author.System));

    [Fact]
    public async Task Where_nothing_ends_edges_keep_what_they_were_told()
    {
        await using var edge = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        await _workspace.BeStrictAsync();
        await Tenant.CreateAsync(null, Author.System);
        var key = (await Tenant.CreateKeyAsync(new KeySpec(null, null, null, []), Author.System))!;

        Assert.Same(await edge.IdentifyAsync(key.Secret), await edge.IdentifyAsync(key.Secret));
        Assert.False((await edge.IdentifyAsync(key.Secret))!.Identity.IsEnding);
    }

    private async Task EndsInOneMomentAsync(Func<IssuedKey, Task> end, Func<Task>? again = null)
    {
        await using var first = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        await using var second = await RunningEdge.StartAsync(cluster.Client, _workspace.Name);
        await _workspace.BeStrictAsync();
        await Tenant.CreateAsync(null, Author.System);
        for (var i = 0; i < Times; i++)
        {
            var key = (await Tenant.CreateKeyAsync(new KeySpec(null, null, null, []), Author.System))!;
            var uses = new ConcurrentBag<Use>();
            using var over = new CancellationTokenSource();
            var clients = new[] { first, first, second, second }.Select(edge => Task.Run(() => UseAlwaysAsync(edge, key.Secret, uses, over.Token))).ToArray();
            await Eventually.TrueAsync(() => uses.Count > 20);

            await end(key);
            var returned = TimeProvider.System.GetTimestamp();
            await Eventually.TrueAsync(() => uses.Any(u => u.Sent > returned));
            await over.CancelAsync();
            await Task.WhenAll(clients);

            var refused = uses.Where(u => !u.IsKnown).Min(u => u.Ended);
            Assert.DoesNotContain(uses, use => use.IsKnown && use.Sent > refused);
            await (again?.Invoke() ?? Task.CompletedTask);
        }
    }

    private static async Task UseAlwaysAsync(RunningEdge edge, string secret, ConcurrentBag<Use> uses, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var sent = TimeProvider.System.GetTimestamp();
            var caller = await edge.IdentifyAsync(secret);
            uses.Add(new Use(sent, TimeProvider.System.GetTimestamp(), caller is not null));

            // As fast as the machine goes it would have no time for the rest.
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>One use of a key on the one monotonic clock of the test.</summary>
    private sealed record Use(long Sent, long Ended, bool IsKnown);
}
