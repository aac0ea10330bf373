using System.Net;
using Sluice.Tests.Processes;
using static Sluice.Tests.EndToEnd.WaysIn.Watched;

namespace Sluice.Tests.EndToEnd.WaysIn;

/// <summary>Old revisions are let go but for those that must stay, and what is gone is told as such.</summary>
public sealed class RetentionTests
{
    private static readonly Dictionary<string, string> Two = new(StringComparer.Ordinal) { ["SLUICE__RETENTION__LAST"] = "2", ["SLUICE__RETENTION__DAYS"] = "0" };

    [Fact]
    public async Task The_last_and_the_pinned_stay_and_a_rollback_to_a_pruned_one_is_refused()
    {
        await using var watched = await StartAsync("folder", _ => { }, Two);
        Assert.Equal(HttpStatusCode.OK, (await watched.Admin.SendAsync(HttpMethod.Post, "revisions/1/pin", null)).Status);
        await ApplyAsync(watched, 1, 6);
        await PrunedAsync(watched, "2,3,4,5");

        foreach (var (method, path, body) in new[]
        {
            (HttpMethod.Post, "rollback", """{"to":3}"""), (HttpMethod.Get, "revisions/3", null), (HttpMethod.Get, "revisions/7/diff?against=3", null), (HttpMethod.Post, "revisions/3/pin", null),
        })
        {
            var (status, problem) = await watched.Admin.SendAsync(method, path, body);
            Assert.Equal(HttpStatusCode.Gone, status);
            Assert.Equal("urn:sluice:problem:revision-pruned", problem.GetProperty("type").GetString());
            Assert.Equal(3, problem.GetProperty("revision").GetInt64());
        }

        Assert.True((await watched.Admin.GetAsync("audit/verify")).GetProperty("whole").GetBoolean());
        Assert.Equal("port 2", (await watched.Admin.GetAsync("audit?from=3&limit=1")).GetProperty("items")[0].GetProperty("reason").GetString());
        Assert.Equal(HttpStatusCode.OK, (await watched.Admin.SendAsync(HttpMethod.Post, "rollback", """{"to":1}""")).Status);

        Assert.Equal(HttpStatusCode.OK, (await watched.Admin.SendAsync(HttpMethod.Delete, "revisions/1/pin", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await watched.Admin.SendAsync(HttpMethod.Delete, "revisions/1/pin", null)).Status);
        await ApplyAsync(watched, 7, 8);
        await PrunedAsync(watched, "1,2,3,4,5,6,7,8");
    }

    [Fact]
    public async Task History_pins_and_unpins_on_the_command_line()
    {
        await using var watched = await StartAsync("folder", _ => { }, Two);
        var pinned = await HostedSluice.CommandAsync(["history", "pin", "1"], watched.Environment);
        Assert.Equal((0, "Revision 1 is kept until it is unpinned."), (pinned.Code, pinned.Output.Trim()));
        await ApplyAsync(watched, 1, 4);
        await PrunedAsync(watched, "2,3");

        var (_, table, _) = await HostedSluice.CommandAsync(["history"], watched.Environment);

        Assert.Contains("\n2 pruned ", table, StringComparison.Ordinal);
        Assert.Contains("\n1 pinned ", table, StringComparison.Ordinal);
        Assert.Equal(0, (await HostedSluice.CommandAsync(["history", "unpin", "1"], watched.Environment)).Code);
        Assert.Contains("Retention let the resources of revision 2 go", (await HostedSluice.CommandAsync(["rollback", "2"], watched.Environment)).Errors, StringComparison.Ordinal);
    }

    private static async Task ApplyAsync(Watched watched, int first, int last)
    {
        for (var port = first; port <= last; port++)
        {
            var (status, answer) = await watched.Admin.SendAsync(HttpMethod.Post, FormattableString.Invariant($"apply?reason=port%20{port}"), Upstream("a", port), "application/yaml");
            Assert.True(status is HttpStatusCode.OK, answer.ToString());
        }
    }

    private static Task PrunedAsync(Watched watched, string numbers) => Eventually.TrueAsync(
        async () => string.Equals(numbers, string.Join(',', (await watched.Admin.GetAsync("revisions")).GetProperty("items").EnumerateArray()
            .Where(i => i.GetProperty("pruned").GetBoolean()).Select(i => i.GetProperty("revision").GetInt64()).Order()), StringComparison.Ordinal),
        $"{numbers} are let go");
}
