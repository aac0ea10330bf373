using System.Globalization;
using System.Net;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Admin;

/// <summary>Apply, prune, differences, rollback and history through HTTP. They have a gateway of their own, since all look at the whole revision, and each begins with the first one's body.</summary>
public sealed class PublishTests(PublishTests.OwnGateway own) : IClassFixture<PublishTests.OwnGateway>, IAsyncLifetime
{
    private AdminApi Admin => own.Gateway.Admin;

    public async ValueTask InitializeAsync() => await Admin.PostAsync("rollback", new { to = 1 });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_dry_run_shows_each_resource_before_and_after_and_changes_nothing()
    {
        var revision = await Admin.ApplyAsync(Upstream("a", 1));

        var (_, answer) = await ApplyAsync("apply?dryRun=true", Upstream("a", 2) + "\n---\n" + Upstream("b", 3));

        Assert.True(answer.GetProperty("dryRun").GetBoolean());
        var changes = answer.GetProperty("changes").EnumerateArray().ToArray();
        Assert.Equal(["changed Upstream/a", "added Upstream/b"], changes.Select(Tell));
        Assert.Equal("http://127.0.0.1:1", changes[0].GetProperty("before").GetProperty("addresses")[0].GetString());
        Assert.Equal("http://127.0.0.1:2", changes[0].GetProperty("after").GetProperty("addresses")[0].GetString());
        Assert.Equal(revision, await ActiveAsync());
    }

    [Fact]
    public async Task A_dry_run_names_the_hash_that_the_revision_then_has()
    {
        var (_, dry) = await ApplyAsync("apply?dryRun=true", Upstream("a", 1));
        var (_, real) = await ApplyAsync("apply", Upstream("a", 1));

        Assert.Equal(dry.GetProperty("hash").GetString(), real.GetProperty("hash").GetString());
        Assert.False(real.GetProperty("dryRun").GetBoolean());
    }

    [Fact]
    public async Task Prune_removes_what_the_bundle_does_not_name_and_only_then()
    {
        await Admin.ApplyAsync(Upstream("a", 1) + "\n---\n" + Upstream("b", 2));
        await Admin.ApplyAsync(Upstream("c", 3));
        Assert.Equal(["a", "b", "c"], await NamesAsync("upstreams"));

        var (_, answer) = await ApplyAsync("apply?prune=true", Upstream("b", 2));

        Assert.Equal(["removed Model/sandbox", "removed Provider/sandbox", "removed Upstream/a", "removed Upstream/c"], answer.GetProperty("changes").EnumerateArray().Select(Tell));
        Assert.Equal(["b"], await NamesAsync("upstreams"));
        Assert.Empty(await NamesAsync("models"));
    }

    [Fact]
    public async Task Prune_with_an_empty_bundle_is_refused()
    {
        var before = await ActiveAsync();

        var (status, _) = await ApplyAsync("apply?prune=true", "[]");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(before, await ActiveAsync());
    }

    [Fact]
    public async Task A_change_that_changes_nothing_makes_no_revision()
    {
        var revision = await Admin.ApplyAsync(Upstream("a", 1));

        var (_, answer) = await ApplyAsync("apply", $$"""[{ "addresses": ["http://127.0.0.1:1"], "name": "a", "kind": "Upstream" }]""");

        Assert.Equal(revision, answer.GetProperty("revision").GetInt64());
        Assert.Empty(answer.GetProperty("changes").EnumerateArray());
        Assert.Equal(revision, await ActiveAsync());
    }

    [Fact]
    public async Task A_stale_If_Match_is_a_conflict_that_names_what_differs()
    {
        var seen = await Admin.ApplyAsync(Upstream("a", 1));
        await Admin.ApplyAsync(Upstream("a", 2) + "\n---\n" + Upstream("b", 1));
        var active = await ActiveAsync();

        foreach (var (method, path, body) in new[]
        {
            (HttpMethod.Post, "apply", Upstream("a", 3)),
            (HttpMethod.Put, "upstreams/a", Upstream("a", 3)),
            (HttpMethod.Delete, "upstreams/a", null),
            (HttpMethod.Post, "rollback", """{"to":1}"""),
        })
        {
            var type = body?[0] is '{' ? "application/json" : "application/yaml";
            var (status, problem) = await Admin.SendAsync(method, path, body, type, ifMatch: string.Create(CultureInfo.InvariantCulture, $"\"{seen}\""));

            Assert.Equal(HttpStatusCode.Conflict, status);
            Assert.Equal("urn:sluice:problem:conflict", problem.GetProperty("type").GetString());
            Assert.Equal(active, problem.GetProperty("revision").GetInt64());
            Assert.Equal(["changed Upstream/a", "added Upstream/b"], problem.GetProperty("differing").EnumerateArray().Select(Tell));
        }

        Assert.Equal(active, await ActiveAsync());
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("\"{0}\"")]
    [InlineData("default@{0}")]
    [InlineData("*")]
    public async Task An_If_Match_of_the_active_revision_is_taken_in_each_notation(string notation)
    {
        var seen = await Admin.ApplyAsync(Upstream("a", 1));

        var (status, answer) = await Admin.SendAsync(
            HttpMethod.Put, "upstreams/a", Upstream("a", 2), "application/yaml", ifMatch: string.Format(CultureInfo.InvariantCulture, notation, seen));

        Assert.True(status is HttpStatusCode.OK, answer.ToString());
        Assert.Equal(seen + 1, answer.GetProperty("revision").GetInt64());
    }

    [Fact]
    public async Task A_rollback_is_a_new_revision_with_the_old_body_and_says_so()
    {
        var first = await Admin.ApplyAsync(Upstream("a", 1));
        await Admin.ApplyAsync(Upstream("a", 2) + "\n---\n" + Upstream("b", 2));

        var answer = await Admin.PostAsync("rollback", new { to = first, reason = "v2 was slow" });

        Assert.Equal(["changed Upstream/a", "removed Upstream/b"], answer.GetProperty("changes").EnumerateArray().Select(Tell));
        var history = (await Admin.GetAsync("revisions?limit=3")).GetProperty("items").EnumerateArray().ToArray();
        Assert.Equal(first, history[0].GetProperty("rollbackOf").GetInt64());
        Assert.Equal("v2 was slow", history[0].GetProperty("reason").GetString());
        Assert.Equal(history[2].GetProperty("hash").GetString(), history[0].GetProperty("hash").GetString());
        Assert.Equal(first + 2, history[0].GetProperty("revision").GetInt64());
    }

    [Fact]
    public async Task A_rollback_to_no_revision_is_not_found()
    {
        var (status, problem) = await Admin.SendAsync(HttpMethod.Post, "rollback", """{"to":999}""");

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Equal("There is no revision 999.", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task The_history_turns_pages_newest_first_and_says_who_and_why()
    {
        var before = await ActiveAsync();
        for (var i = 1; i <= 4; i++)
        {
            await ApplyAsync($"apply?reason=change%20{i.ToString(CultureInfo.InvariantCulture)}", Upstream("a", i));
        }

        var reasons = new List<string?>();
        var next = "";
        while (true)
        {
            var page = await Admin.GetAsync($"revisions?limit=2{next}");
            reasons.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.TryGetProperty("reason", out var reason) ? reason.GetString() : null));
            if (!page.TryGetProperty("next", out var older))
            {
                break;
            }

            next = $"&before={older}";
        }

        Assert.Equal(["change 4", "change 3", "change 2", "change 1"], reasons[..4]);
        Assert.Equal(before + 4, reasons.Count);
        var author = (await Admin.GetAsync("revisions?limit=1")).GetProperty("items")[0].GetProperty("author");
        Assert.Equal("api", author.GetProperty("via").GetString());
        Assert.Equal("127.0.0.1", author.GetProperty("from").GetString());
    }

    [Fact]
    public async Task A_difference_compares_any_two_revisions()
    {
        var first = await Admin.ApplyAsync(Upstream("a", 1));
        await Admin.ApplyAsync(Upstream("b", 1));
        var last = await Admin.ApplyAsync(Upstream("a", 2));

        Assert.Equal(["changed Upstream/a"], await DiffAsync($"revisions/{last}/diff"));
        Assert.Equal(["changed Upstream/a", "added Upstream/b"], await DiffAsync($"revisions/{last}/diff?against={first}"));
        Assert.Equal(["changed Upstream/a", "removed Upstream/b"], await DiffAsync($"revisions/{first}/diff?against={last}"));
        Assert.Equal(["added Model/sandbox", "added Provider/sandbox", "added Upstream/a"], await DiffAsync($"revisions/{first}/diff?against=0"));
    }

    [Fact]
    public async Task Edges_tell_the_revision_that_they_run()
    {
        var revision = await Admin.ApplyAsync(Upstream("a", 1));

        await Eventually.TrueAsync(
            async () => (await Admin.GetAsync("edges")).GetProperty("items")[0].GetProperty("revision").GetInt64() == revision, "the edge reports the revision");
        var edge = Assert.Single((await Admin.GetAsync("edges")).GetProperty("items").EnumerateArray());
        Assert.Matches("^[0-9]+(ms|s)$", edge.GetProperty("leaseLeft").GetString());
    }

    [Fact]
    public async Task One_resource_is_put_read_and_deleted_by_its_path()
    {
        var (_, put) = await Admin.SendAsync(HttpMethod.Put, "upstreams/a", """{"addresses":["http://127.0.0.1:1"]}""");
        Assert.Equal(["added Upstream/a"], put.GetProperty("changes").EnumerateArray().Select(Tell));
        Assert.Equal("Upstream", (await Admin.GetAsync("upstreams/a")).GetProperty("kind").GetString());

        await Admin.DeleteAsync("upstreams/a");

        var (status, problem) = await Admin.SendAsync(HttpMethod.Get, "upstreams/a", null);
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Equal("urn:sluice:problem:not-found", problem.GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_resource_that_another_refers_to_is_not_deleted()
    {
        await Admin.ApplyAsync(Upstream("a", 1) + "\n---\nkind: Route\nname: r\nmatch: {path: /r}\nsplit: [{upstream: a}]");

        var (status, problem) = await Admin.SendAsync(HttpMethod.Delete, "upstreams/a", null);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("Route/r: split[0].upstream", problem.GetProperty("errors")[0].GetProperty("path").GetString());
    }

    public sealed class OwnGateway : ClassGateway;

    private static string Upstream(string name, int port) => string.Create(
        CultureInfo.InvariantCulture, $"kind: Upstream\nname: {name}\naddresses: [\"http://127.0.0.1:{port}\"]");

    private static string Tell(JsonElement change) =>
        $"{change.GetProperty("type").GetString()} {change.GetProperty("kind").GetString()}/{change.GetProperty("name").GetString()}";

    private Task<(HttpStatusCode Status, JsonElement Body)> ApplyAsync(string path, string bundle) =>
        Admin.SendAsync(HttpMethod.Post, path, bundle, "application/yaml");

    private async Task<long> ActiveAsync() => (await Admin.GetAsync("revisions?limit=1")).GetProperty("active").GetInt64();

    private async Task<string?[]> NamesAsync(string kind) =>
        [.. (await Admin.GetAsync(kind)).GetProperty("items").EnumerateArray().Select(i => i.GetProperty("name").GetString())];

    private async Task<string[]> DiffAsync(FormattableString path) =>
        [.. (await Admin.GetAsync(path.ToString(CultureInfo.InvariantCulture))).GetProperty("changes").EnumerateArray().Select(Tell)];
}
