using System.Globalization;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos;

/// <summary>Wall clocks that are set while a silo and an edge serve, by libfaketime: nothing may rest on them but windows of budgets and ends of keys.</summary>
public sealed class ClockJumpTests
{
    private const int Clients = 4;

    [Fact]
    public async Task Requests_changes_and_accounts_go_on_when_clocks_are_set_by_hours()
    {
        Assert.SkipWhen(WallClock.Missing is not null, WallClock.Missing ?? "");
        using var folder = new TemporaryFolder();
        var (siloClock, edgeClock) = (new WallClock(folder.Path, "silo"), new WallClock(folder.Path, "edge"));
        await using var upstream = await ChatUpstream.StartAsync();
        await using var silo = await SluiceProcess.StartAsync(
            ["silo", "--admin", "0", "--silo-port", "0", "--gateway-port", "0", "--data", Path.Combine(folder.Path, "data")], siloClock.Settings);
        await using var edge = await SluiceProcess.StartAsync(
            ["edge", "--http", "0", "--ops", "0", "--listen", "127.0.0.1", "--data", Path.Combine(folder.Path, "data")], edgeClock.Settings);
        using var admin = new AdminApi(silo.Admin, silo.Line.AdminKey!);
        var (_, key) = await admin.CreateTenantAsync("clocked");
        await admin.ApplyAsync(ChatUpstream.Bundle(upstream));

        await using var clients = ClientLoad.Start([edge.Edge], key, Clients);
        var change = 0;
        foreach (var (clock, where, hours) in new[] { (edgeClock, edge.Edge, 2), (siloClock, silo.Admin, -2), (edgeClock, edge.Edge, -2), (siloClock, silo.Admin, 3), (edgeClock, edge.Edge, 0), (siloClock, silo.Admin, 0) })
        {
            await clock.SetAsync(hours, where);
            for (var i = 0; i < 5; i++)
            {
                change++;
                var revision = await admin.ApplyAsync(string.Create(CultureInfo.InvariantCulture, $$"""
                    kind: Upstream
                    name: changing
                    addresses: ["http://127.0.0.1:{{1000 + change}}"]
                    """));
                await ServesAsync(edge.Edge, revision, $"{clock.Name} set by {hours} hours");
            }
        }

        await clients.EndAsync();
        TestContext.Current.TestOutputHelper!.WriteLine($"clients: {clients}");
        Assert.Empty(clients.Failures);
        Assert.True(clients.Refusals.Count == 0, string.Join('\n', clients.Refusals));
        Assert.Equal(upstream.Requests.Count, (await admin.UsageAsync("clocked", upstream.Requests.Count)).OutputTokens);
    }

    private static async Task ServesAsync(Uri edge, long revision, string when)
    {
        using var client = new HttpClient { BaseAddress = edge };
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await client.GetAsync("/nowhere");
                return Gateway.RevisionOf(answer) >= revision;
            },
            $"the edge serves revision {revision}, the clock of the {when}");
    }
}
