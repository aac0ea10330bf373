using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Settings;

/// <summary><c>sluice agent</c> beside a service that knows nothing of Sluice: it has a file, and is told to read it again.</summary>
public sealed class AgentTests(SharedGateway shared)
{
    [Fact]
    public async Task A_service_whose_database_moves_is_told_over_a_restart_of_Sluice()
    {
        await using var sluice = await RestartableSluice.CreateAsync();
        await sluice.MoveToAsync("/data/old.db");
        var file = sluice.PathOf("orders.properties");
        var read = new List<string>();
        await using var service = await Upstream.StartAsync((http, _) =>
        {
            // The first call comes too early, as when the service itself is starting.
            lock (read)
            {
                read.Add(File.ReadAllText(file));
                http.Response.StatusCode = read.Count == 1 ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status204NoContent;
            }

            return Task.CompletedTask;
        });
        await using var agent = await SluiceProcess.StartWatchAsync(
            ["agent", "--app", "orders", "--file", file, "--reload-url", $"{service.Address}/reload", "--json"],
            Environment(sluice.Admin, sluice.Key),
            line => line.Contains("\"reloaded\"", StringComparison.Ordinal));
        Assert.Equal("database.path=/data/old.db\n", await File.ReadAllTextAsync(file));
        FileModes.AssertMode(file, "600");

        await sluice.StopAsync();
        await agent.LoggedAsync("\"away\"");
        Assert.Equal("database.path=/data/old.db\n", await File.ReadAllTextAsync(file));
        await sluice.StartAsync();
        await sluice.MoveToAsync("/data/new.db");

        await Eventually.TrueAsync(() => Task.FromResult(Events(agent).Count(e => e is "reloaded") == 2), "the service is told again", TimeSpan.FromSeconds(60));
        Assert.Equal(["database.path=/data/old.db\n", "database.path=/data/old.db\n", "database.path=/data/new.db\n"], read);
        Assert.All(service.Requests, r => Assert.Equal("POST /reload", $"{r.Method} {r.Target}"));
        Assert.Equal(0, await agent.StopAsync());
        Assert.Equal(["wrote", "reloaded", "wrote", "reloaded", "ended"], Events(agent).Where(e => e is not ("away" or "back")));
        Assert.Contains("back", Events(agent));
        Assert.DoesNotContain(sluice.Key, agent.Log, StringComparison.Ordinal);

        // Neither a draft nor the mark of a call that is due is left.
        Assert.Equal([file], Directory.GetFiles(sluice.PathOf("."), "*orders*", new EnumerationOptions { AttributesToSkip = FileAttributes.None }).Select(Path.GetFullPath));
    }

    [Fact]
    public async Task Once_it_writes_the_file_and_ends_and_does_not_write_what_is_there()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "settings.env");
        await shared.Gateway.Admin.ApplyAsync("kind: Setting\nname: once\napp: once\nvalues: { database: { host: 'it''s $5' }, ports: [1, 2] }");
        var cli = new Shell(shared.Gateway);

        Assert.Equal("wrote", (await cli.JsonAsync("agent", "--app", "once", "--file", file, "--once", "--mode", "0640")).GetProperty("event").GetString());

        Assert.Equal("DATABASE__HOST=\"it's \\$5\"\nPORTS__0=\"1\"\nPORTS__1=\"2\"\n", await File.ReadAllTextAsync(file));
        FileModes.AssertMode(file, "640");
        Assert.Equal("unchanged", (await cli.JsonAsync("agent", "--app", "once", "--file", file, "--once")).GetProperty("event").GetString());
    }

    [Fact]
    public async Task A_call_that_fails_is_told_and_made_again_by_the_next_start()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "settings.json");
        var status = StatusCodes.Status500InternalServerError;
        await using var service = await Upstream.StartAsync((http, _) =>
        {
            http.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        await shared.Gateway.Admin.ApplyAsync("kind: Setting\nname: due\napp: due\nvalues: { a: 1 }");
        var cli = new Shell(shared.Gateway);
        string[] command = ["agent", "--app", "due", "--file", file, "--once", "--reload-url", service.Address, "--reload-tries", "2"];

        var (code, output, _) = await cli.RunAsync(command);
        Assert.Equal(1, code);
        Assert.Contains("it answered 500; tried 2 times", output, StringComparison.Ordinal);
        Assert.Equal(2, service.Requests.Count);
        Assert.Contains("\"a\": 1", await File.ReadAllTextAsync(file), StringComparison.Ordinal);

        status = StatusCodes.Status200OK;
        Assert.Contains("reloaded", await cli.DoneAsync(command), StringComparison.Ordinal);
        Assert.DoesNotContain("reloaded", await cli.DoneAsync(command), StringComparison.Ordinal);
        Assert.Equal(3, service.Requests.Count);
    }

    [Fact]
    public async Task What_cannot_be_is_told_at_once()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "settings.json");
        var cli = new Shell(shared.Gateway);

        Assert.Contains("there is no folder", await cli.FailsAsync(2, "agent", "--app", "a", "--file", Path.Combine(folder.Path, "none", "x.json")), StringComparison.Ordinal);
        Assert.Contains("--mode must be octal", await cli.FailsAsync(2, "agent", "--app", "a", "--file", file, "--mode", "0999"), StringComparison.Ordinal);
        Assert.Contains("--reload-tries must be 1 to 100", await cli.FailsAsync(2, "agent", "--app", "a", "--file", file, "--reload-url", "http://127.0.0.1", "--reload-tries", "0"), StringComparison.Ordinal);
        Assert.Contains("Send a valid key", await cli.FailsAsync(1, "agent", "--app", "a", "--file", file, "--admin-key", "slc_admin_wrong"), StringComparison.Ordinal);
        Assert.Contains("path: app", await cli.FailsAsync(1, "agent", "--app", "a b", "--file", file), StringComparison.Ordinal);
        Assert.False(File.Exists(file));
    }

    private static Dictionary<string, string> Environment(Uri admin, string key) => new(StringComparer.Ordinal)
    {
        ["SLUICE_ADMIN_URL"] = admin.AbsoluteUri, ["SLUICE_ADMIN_KEY"] = key,
    };

    private static string[] Events(SluiceProcess agent) =>
        [.. agent.Log.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonSerializer.Deserialize<JsonElement>(l).GetProperty("event").GetString()!)];
}
