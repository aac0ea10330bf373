using System.Globalization;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.CommandLine;

/// <summary>apply, diff, get, delete, history and rollback, as processes against a gateway of the class's own; each test begins with the first revision's body.</summary>
public sealed class ResourceCommandTests(ResourceCommandTests.OwnGateway own) : IClassFixture<ResourceCommandTests.OwnGateway>, IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly Shell _cli = new(own.Gateway);
    private long _active;

    public async ValueTask InitializeAsync()
    {
        await own.Gateway.Admin.PostAsync("rollback", new { to = 1 });
        _active = (await own.Gateway.Admin.GetAsync("revisions?limit=1")).GetProperty("active").GetInt64();
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_bundle_comes_from_a_file_a_folder_and_the_input()
    {
        var file = Write("one/a.yaml", Upstream("a"));
        Write("two/b.yml", Upstream("b"));
        Write("two/deeper/c.json", """{"kind":"Upstream","name":"c","addresses":["http://127.0.0.1:3"]}""");
        Write("two/notes.txt", "no bundle");

        var applied = await _cli.DoneAsync("apply", "-f", file, "-f", Path.Combine(_folder.Path, "two"), "--reason", "three files");

        Assert.Contains("+ Upstream/a", applied, StringComparison.Ordinal);
        Assert.Contains($"Revision {_active + 1} is active: 3 changed", applied, StringComparison.Ordinal);
        var (code, output, _) = await _cli.RunAsync(["apply", "-f", "-"], Upstream("d"));
        Assert.Equal(0, code);
        Assert.Contains($"Revision {_active + 2} is active", output, StringComparison.Ordinal);
        Assert.Contains("three files", await _cli.DoneAsync("history"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_get_writes_as_YAML_applies_back_to_no_change()
    {
        await _cli.DoneAsync("apply", "-f", Path.Combine(Repository.Root, "docs", "examples"));

        // They refer to secrets, and secrets are not in what is written: no bundle of it could be the whole.
        foreach (var (webhook, secret) in new[] { ("finance", "finance-hook"), ("on-call", "on-call-hook"), ("on-call-slack", "on-call-slack") })
        {
            await _cli.DoneAsync("delete", "webhook", webhook);
            await _cli.DoneAsync("delete", "secret", secret);
        }

        await _cli.DoneAsync("apply", "-f", Write("secret.yaml", "kind: Secret\nname: kept\nvalue: canary-of-the-secret"));
        await _cli.DoneAsync("apply", "-f", Write("odd.yaml", """
            kind: Route
            name: odd
            match: { path: "/odd/{**rest}", headers: [{ name: x-odd, values: ["true", "07", "1e3", "null", "a: b", "#c", " d", "*e", "line\nbreak"] }] }
            split: [{ upstream: recommendations-v1 }]
            """));

        var yaml = await _cli.DoneAsync("get", "-o", "yaml");

        Assert.Contains("# Secret/kept, version 1", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-of-the-secret", yaml, StringComparison.Ordinal);
        var all = Write("all.yaml", yaml);
        Assert.Contains("Nothing differs", await _cli.DoneAsync("apply", "-f", all), StringComparison.Ordinal);
        var pruned = await _cli.DoneAsync("diff", "-f", all, "--prune");
        Assert.Contains("- Secret/kept", pruned, StringComparison.Ordinal);
        Assert.Contains("1 would differ", pruned, StringComparison.Ordinal);
        var one = Write("one.yaml", await _cli.DoneAsync("get", "route", "odd", "-o", "yaml"));
        Assert.Contains("Nothing differs", await _cli.DoneAsync("apply", "-f", one), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_shows_a_table_YAML_and_JSON()
    {
        await _cli.DoneAsync("apply", "-f", Write("a.yaml", Upstream("a")));

        Assert.Matches(@"KIND +NAME +OWNER +HASH *\nUpstream +a +api +[0-9a-f]{12}", await _cli.DoneAsync("get", "upstreams"));
        Assert.Equal("kind: Upstream\nname: a\naddresses: [\"http://127.0.0.1:1\"]", (await _cli.DoneAsync("get", "upstream", "a")).Trim());
        Assert.Equal("a", (await _cli.JsonAsync("get", "Upstream", "a")).GetProperty("name").GetString());
        Assert.Equal(3, JsonSerializer.Deserialize<JsonElement>(await _cli.DoneAsync("get", "-o", "json")).GetArrayLength());
    }

    [Fact]
    public async Task A_dry_run_and_a_diff_show_lines_and_change_nothing()
    {
        await _cli.DoneAsync("apply", "-f", Write("a.yaml", Upstream("a")));
        var changed = Write("b.yaml", Upstream("a").Replace(":1\"", ":2\"", StringComparison.Ordinal));

        foreach (var output in new[] { await _cli.DoneAsync("diff", "-f", changed), await _cli.DoneAsync("apply", "-f", changed, "--dry-run") })
        {
            Assert.Contains("~ Upstream/a", output, StringComparison.Ordinal);
            Assert.Contains("    ~ addresses[0]: \"http://127.0.0.1:1\" → \"http://127.0.0.1:2\"", output, StringComparison.Ordinal);
            Assert.Contains($"1 would differ from revision {_active + 1}; nothing was changed", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_rollback_and_a_diff_of_revisions_go_by_numbers()
    {
        await _cli.DoneAsync("apply", "-f", Write("a.yaml", Upstream("a")));

        Assert.Contains("+ Upstream/a", await _cli.DoneAsync("diff", Number(0), Number(1)), StringComparison.Ordinal);
        Assert.Contains("- Upstream/a", await _cli.DoneAsync("rollback", Number(0), "--reason", "back"), StringComparison.Ordinal);
        Assert.Matches($"{Number(2)} active .*as {Number(0)}.* back", await _cli.DoneAsync("history", "--limit", "1"));
        Assert.Equal(1, (await _cli.JsonAsync("diff", Number(1), Number(2))).GetProperty("changes").GetArrayLength());
        Assert.Contains("there is no revision 9999", await _cli.FailsAsync(1, "rollback", "9999"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Delete_removes_one_resource_and_refuses_what_is_not_there()
    {
        await _cli.DoneAsync("apply", "-f", Write("a.yaml", Upstream("a")));

        Assert.Contains("nothing was changed", await _cli.DoneAsync("delete", "upstream", "a", "--dry-run"), StringComparison.Ordinal);
        Assert.Contains("- Upstream/a", await _cli.DoneAsync("delete", "upstream", "a", "--reason", "unused"), StringComparison.Ordinal);
        Assert.Contains("no Upstream 'a'", await _cli.FailsAsync(1, "delete", "upstream", "a"), StringComparison.Ordinal);
        Assert.Contains("did you mean 'upstreams'?", await _cli.FailsAsync(2, "delete", "upstreem", "a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stale_revision_is_refused_with_what_differs()
    {
        await _cli.DoneAsync("apply", "-f", Write("a.yaml", Upstream("a")));

        var errors = await _cli.FailsAsync(1, "apply", "-f", Write("b.yaml", Upstream("b")), "--if-match", Number(0));

        Assert.Contains($"Revision {Number(1)} is active", errors, StringComparison.Ordinal);
        Assert.Contains("  added Upstream/a", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_field_that_is_wrong_is_a_line_of_the_errors()
    {
        var errors = await _cli.FailsAsync(1, "apply", "-f", Write("a.yaml", "kind: Upstream\nname: a\nadresses: [http://x:1]\ntimeouts: {connect: 5}"));

        Assert.Contains("  Upstream/a: timeouts.connect: must be a text, is a number", errors, StringComparison.Ordinal);
        Assert.Contains("  Upstream/a: adresses: unknown field 'adresses'; did you mean 'addresses'?", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_bundle_is_named_with_line_and_column()
    {
        var bad = Write("bad.yaml", "kind: Upstream\nname: a\nname: b\n");

        Assert.Contains($"{bad}: line 3, column 1: is not YAML: Duplicate key name", await _cli.FailsAsync(1, "apply", "-f", bad), StringComparison.Ordinal);
        Assert.Contains("cannot be read", await _cli.FailsAsync(2, "apply", "-f", Path.Combine(_folder.Path, "nothing.yaml")), StringComparison.Ordinal);
        Assert.Contains("holds no .yaml", await _cli.FailsAsync(2, "apply", "-f", Directory.CreateDirectory(Path.Combine(_folder.Path, "empty")).FullName), StringComparison.Ordinal);
    }

    private string Number(int later) => (_active + later).ToString(CultureInfo.InvariantCulture);

    private static string Upstream(string name) => $"kind: Upstream\nname: {name}\naddresses: [\"http://127.0.0.1:1\"]\n";

    private string Write(string name, string text)
    {
        var file = Path.Combine(_folder.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }

    /// <summary>One whose revisions are made by these tests alone.</summary>
    public sealed class OwnGateway : ClassGateway;
}
