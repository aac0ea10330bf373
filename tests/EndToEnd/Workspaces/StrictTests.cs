using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Workspaces;

/// <summary>The revision of a strict workspace is a linearizable register, on real processes and under load.</summary>
public sealed class StrictTests(ITestOutputHelper output)
{
    private const int Publishes = 40;

    [Fact]
    public async Task No_request_that_begins_after_another_one_ended_shows_an_older_revision_and_none_fails()
    {
        await using var register = await Register.StartAsync(edges: 2, strict: true);
        for (var i = 0; i < Publishes; i++)
        {
            Assert.Equal((200, "complete"), await register.WriteAsync());
        }

        await register.StopAsync();

        output.WriteLine($"{register.Reads.Count} requests under {register.Reads.Select(r => r.Revision).Distinct().Count()} revisions");
        Assert.Empty(register.Regressions());
        Assert.All(register.Reads, read => Assert.Equal((200, false), (read.Status, read.IsStale)));
        Assert.True(register.Reads.Select(r => r.Revision).Distinct().Count() > Publishes / 2, "too few revisions met a request for the test to say much");
    }

    [Fact]
    public async Task Where_the_workspace_is_not_strict_the_same_look_finds_older_revisions_after_newer_ones()
    {
        await using var register = await Register.StartAsync(edges: 2, strict: false);

        await Eventually.TrueAsync(
            async () =>
            {
                await register.WriteAsync();
                return register.Regressions().Count > 0;
            },
            "an edge is behind another one for a moment",
            TimeSpan.FromSeconds(120));
    }

    [Fact]
    public async Task A_silo_that_is_killed_amid_commits_leaves_no_edge_holding_and_no_older_revision_after_a_newer_one()
    {
        await using var register = await Register.StartAsync(edges: 2, strict: true);
        for (var crash = 0; crash < 2; crash++)
        {
            var writing = WriteUntilItFailsAsync(register);
            await Eventually.TrueAsync(() => Task.FromResult(register.Reads.Select(r => r.Revision).Distinct().Count() > 5 * (crash + 1)), "some revisions were published");
            await register.Fleet.CrashSiloAsync();
            await writing;
            await Eventually.TrueAsync(async () => await register.WriteAsync() is (200, _), "it can be published again", TimeSpan.FromSeconds(60));
            var last = register.Reads.Max(r => r.Revision);
            await Eventually.TrueAsync(
                () => Task.FromResult(register.Fleet.Edges.All(edge => register.Reads.Any(r => r.Status == 200 && r.Revision >= last && string.Equals(r.Edge, edge.Edge.Authority, StringComparison.Ordinal)))),
                "every edge serves the last revision",
                TimeSpan.FromSeconds(60));
        }

        await register.StopAsync();

        Assert.Empty(register.Regressions());
        Assert.All(register.Reads, read => Assert.True(read.Status is 200 or 503 && !read.IsStale, read.ToString()));
    }

    private static async Task WriteUntilItFailsAsync(Register register)
    {
        try
        {
            while (await register.WriteAsync() is (200, _))
            {
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            // Its silo was killed.
        }
    }
}
