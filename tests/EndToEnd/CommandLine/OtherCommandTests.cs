using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.CommandLine;

/// <summary>Tenants, keys, usage, edges, events, and what all commands have in common.</summary>
public sealed class OtherCommandTests(SharedGateway shared)
{
    private readonly Shell _cli = new(shared.Gateway);

    [Fact]
    public async Task A_tenant_is_made_listed_suspended_and_resumed()
    {
        Assert.Matches("cli-tenant +Of the line +.* active", await _cli.DoneAsync("tenants", "create", "cli-tenant", "--display-name", "Of the line"));
        Assert.Contains("cli-tenant", await _cli.DoneAsync("tenants", "list", "--after", "cli-tenan"), StringComparison.Ordinal);
        Assert.True((await _cli.JsonAsync("tenants", "suspend", "cli-tenant")).GetProperty("suspended").GetBoolean());
        Assert.False((await _cli.JsonAsync("tenants", "resume", "cli-tenant")).GetProperty("suspended").GetBoolean());
        Assert.Contains("There is a tenant 'cli-tenant' already.", await _cli.FailsAsync(1, "tenants", "create", "cli-tenant"), StringComparison.Ordinal);
        Assert.Contains("name: must be 1 to 63", await _cli.FailsAsync(1, "tenants", "create", "A b"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_made_works_is_rotated_and_revoked()
    {
        await _cli.DoneAsync("tenants", "create", "cli-keys");
        var made = await _cli.DoneAsync("keys", "create", "--tenant", "cli-keys", "--name", "first", "--model", "sandbox");
        var key = made.Split('\n')[1];
        Assert.StartsWith("slc_live_", key, StringComparison.Ordinal);
        using (var client = shared.Gateway.Client(key))
        using (var answer = await client.GetAsync("/v1/models", TestContext.Current.CancellationToken))
        {
            Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        }

        var listed = await _cli.JsonAsync("keys", "list", "--tenant", "cli-keys");
        var id = listed.GetProperty("items")[0].GetProperty("id").GetString()!;
        var next = await _cli.JsonAsync("keys", "rotate", id, "--tenant", "cli-keys", "--overlap", "0s");
        Assert.NotEqual(key, next.GetProperty("key").GetString());
        Assert.Contains($"replaced by {next.GetProperty("id").GetString()}", await _cli.DoneAsync("keys", "list", "--tenant", "cli-keys"), StringComparison.Ordinal);
        Assert.True((await _cli.JsonAsync("keys", "revoke", next.GetProperty("id").GetString()!, "--tenant", "cli-keys")).GetProperty("revoked").GetBoolean());
        Assert.Contains("no live key", await _cli.FailsAsync(1, "keys", "revoke", "nothing", "--tenant", "cli-keys"), StringComparison.Ordinal);
        Assert.DoesNotContain(key, await _cli.DoneAsync("keys", "list", "--tenant", "cli-keys", "--json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Usage_is_summed_by_what_is_asked()
    {
        var (_, key) = await shared.Gateway.Admin.CreateTenantAsync("cli-usage");
        using (var client = shared.Gateway.Client(key))
        using (await client.PostAsync("/v1/chat/completions", Gateway.Json("""{"model":"sandbox?tokens=7","messages":[{"role":"user","content":"Hello"}]}"""), TestContext.Current.CancellationToken))
        {
            await shared.Gateway.Admin.UsageAsync("cli-usage", 1);
        }

        Assert.Matches(@"MODEL +REQUESTS.*\nsandbox\S* +1 .* 7 ", await _cli.DoneAsync("usage", "cli-usage"));
        Assert.Equal(7, (await _cli.JsonAsync("usage", "cli-usage", "--by", "day,model")).GetProperty("total").GetProperty("outputTokens").GetInt64());
        Assert.Contains("did you mean 'model'?", await _cli.FailsAsync(1, "usage", "cli-usage", "--by", "modl"), StringComparison.Ordinal);
        Assert.Contains("There is no tenant 'nobody'.", await _cli.FailsAsync(1, "usage", "nobody"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edges_are_listed() => Assert.Equal(1, (await _cli.JsonAsync("edges")).GetProperty("items").GetArrayLength());

    [Fact]
    public async Task Admin_keys_are_made_listed_and_revoked()
    {
        var made = await _cli.DoneAsync("admin-keys", "create", "cli-viewer", "--role", "viewer");
        var viewer = made.Split('\n')[1];
        var id = made.Split(' ')[2];

        Assert.Matches($"{id} +cli-viewer +viewer", await _cli.DoneAsync("admin-keys", "list"));
        Assert.Contains("needs the role operator", await _cli.FailsAsync(1, "tenants", "create", "cli-forbidden", "--admin-key", viewer), StringComparison.Ordinal);
        Assert.True((await _cli.JsonAsync("admin-keys", "revoke", id)).GetProperty("revoked").GetBoolean());
        Assert.Contains("Send a valid key", await _cli.FailsAsync(1, "edges", "--admin-key", viewer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_printed_line_by_line_until_the_process_is_ended()
    {
        await _cli.DoneAsync("tenants", "create", "cli-events");
        await using var events = await SluiceProcess.StartWatchAsync(
            ["events", "--after", "0", "--kind", "tenant-created", "--json"],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE_ADMIN_URL"] = shared.Gateway.Sluice.Admin.AbsoluteUri, ["SLUICE_ADMIN_KEY"] = shared.Gateway.AdminKey },
            line => line.Contains("\"cli-events\"", StringComparison.Ordinal));

        Assert.Equal(0, await events.StopAsync());
        Assert.All(events.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Equal("tenant-created", JsonSerializer.Deserialize<JsonElement>(line).GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task A_wrong_address_and_a_wrong_key_are_said_in_one_line()
    {
        var nobody = FormattableString.Invariant($"http://127.0.0.1:{Ports.Free()}");
        Assert.Contains($"no admin API answers at {nobody}", Assert.Single((await _cli.FailsAsync(1, "edges", "--admin-url", nobody)).Split('\n')), StringComparison.Ordinal);
        Assert.Contains("is an edge, which serves clients", Assert.Single((await _cli.FailsAsync(1, "edges", "--admin-url", shared.Gateway.Edge.AbsoluteUri)).Split('\n')), StringComparison.Ordinal);
        Assert.Contains("must begin with http:// or https://", await _cli.FailsAsync(2, "edges", "--admin-url", "localhost:7070"), StringComparison.Ordinal);
        Assert.Contains("valid key", Assert.Single((await _cli.FailsAsync(1, "edges", "--admin-key", "slc_admin_wrong")).Split('\n')), StringComparison.Ordinal);
        Assert.Contains("an admin key is needed", await _cli.FailsAsync(2, "edges", "--admin-key", ""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_command_line_ends_with_code_2_and_points_to_the_help()
    {
        Assert.Contains("sluice: see --help", await _cli.FailsAsync(2, "aply"), StringComparison.Ordinal);
        Assert.Contains("sluice: see --help", await _cli.FailsAsync(2, "apply"), StringComparison.Ordinal);
        Assert.Contains("sluice: see --help", await _cli.FailsAsync(2, "edges", "--nothing"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_command_has_a_help_that_says_what_it_does()
    {
        // One after the other: commands of other tests wait for their turn behind those that are asked for.
        Stack<string[]> left = new([[]]);
        while (left.TryPop(out var command))
        {
            var help = await HelpAsync(command);
            Assert.Matches(@"Description:\n +\S+", help);
            foreach (var child in Children(command, help))
            {
                left.Push(child);
            }
        }
    }

    [Fact]
    public async Task The_page_of_the_command_line_names_every_command()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "cli.md"), TestContext.Current.CancellationToken);

        foreach (var command in Children([], await HelpAsync([])))
        {
            Assert.Contains($"./sluice {command[0]}", page, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _sluice sluice")]
    [InlineData("zsh", "compdef _sluice sluice")]
    [InlineData("fish", "complete --command sluice")]
    public async Task A_shell_gets_its_completions(string shell, string line)
    {
        Assert.Contains(line, await _cli.DoneAsync("completion", shell), StringComparison.Ordinal);
        Assert.Contains("routes", (await _cli.DoneAsync("[suggest:11]", "sluice get ro")).Split('\n'));
    }

    private Task<string> HelpAsync(string[] command) => _cli.DoneAsync([.. command, "--help"]);

    // As the help lists them: two spaces, the name, its arguments, its description.
    private static string[][] Children(string[] parent, string help)
    {
        var at = help.IndexOf("Commands:", StringComparison.Ordinal);
        return at < 0 ? [] :
        [
            .. help[at..].Split('\n').Skip(1)
                .Where(l => l.StartsWith("  ", StringComparison.Ordinal) && l.Length > 2 && l[2] is not ' ')
                .Select(l => (string[])[.. parent, l.Trim().Split(' ')[0]]),
        ];
    }
}
