using System.Net;
using Sluice.Tests.EndToEnd.Accounts;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Workspaces;

/// <summary>What an edge does that has lost its silos is the workspace's choice, and changed by a publish like everything else.</summary>
public sealed class WithoutLeaseTests
{
    // The silo stands still for the lease's 3 s and more.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_workspace_says_whether_and_for_how_long_an_edge_serves_on_without_a_lease()
    {
        await using var upstream = await Upstream.StartAsync("there");
        await using var fleet = await Fleet.StartAsync(1);
        using var client = Fleet.Client(fleet.Edges[0], "");
        await fleet.ApplyAsync(upstream.Bundle);

        await AloneAsync(fleet, async () =>
        {
            await AnswersAsync(client, HttpStatusCode.OK, isStale: true);
            Assert.True(await IsReadyAsync(fleet));
        });

        await ChooseAsync(fleet, """{"whenUnreachable":"closed"}""");
        await AnswersAsync(client, HttpStatusCode.OK, isStale: false);
        await AloneAsync(fleet, async () =>
        {
            await AnswersAsync(client, HttpStatusCode.ServiceUnavailable, isStale: false);
            Assert.False(await IsReadyAsync(fleet));
        });
        await AnswersAsync(client, HttpStatusCode.OK, isStale: false);
        Assert.True(await IsReadyAsync(fleet));

        await ChooseAsync(fleet, """{"whenUnreachable":"static","maxStale":"2s"}""");
        await AloneAsync(fleet, async () =>
        {
            await AnswersAsync(client, HttpStatusCode.OK, isStale: true);
            await AnswersAsync(client, HttpStatusCode.ServiceUnavailable, isStale: false);
        });
        await AnswersAsync(client, HttpStatusCode.OK, isStale: false);

        await ChooseAsync(fleet, """{"strict":true}""");
        await AloneAsync(fleet, () => AnswersAsync(client, HttpStatusCode.ServiceUnavailable, isStale: false));
        await AnswersAsync(client, HttpStatusCode.OK, isStale: false);
    }

    private static async Task ChooseAsync(Fleet fleet, string choice)
    {
        var (status, answer) = await fleet.Admin.SendAsync(HttpMethod.Put, "workspaces/default", choice);
        Assert.True(status is HttpStatusCode.OK, answer.ToString());
    }

    private static async Task<bool> IsReadyAsync(Fleet fleet)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(FormattableString.Invariant($"http://127.0.0.1:{fleet.Ops[0]}/healthz/ready")));
        return answer.IsSuccessStatusCode;
    }

    private static async Task AloneAsync(Fleet fleet, Func<Task> look)
    {
        await fleet.Silo.SignalAsync("STOP");
        try
        {
            await look();
        }
        finally
        {
            await fleet.Silo.SignalAsync("CONT");
        }
    }

    private static Task AnswersAsync(HttpClient client, HttpStatusCode expected, bool isStale) => Eventually.TrueAsync(
        async () =>
        {
            using var answer = await client.GetAsync("/there");
            Assert.True(answer.StatusCode is HttpStatusCode.OK || answer.Headers.RetryAfter is not null, "a refusal says when to try again");
            return answer.StatusCode == expected && answer.Headers.Contains("sluice-stale") == isStale;
        },
        $"the edge answers {expected}{(isStale ? " as stale" : "")}",
        Bound);
}
