using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Admin;

/// <summary>The audit chain through HTTP and the command line, whole and altered behind the silo's back.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private Gateway _gateway = null!;
    private Shell _cli = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await Gateway.StartAsync();
        _cli = new Shell(_gateway);
        for (var port = 1; port <= 3; port++)
        {
            await _gateway.Admin.SendAsync(HttpMethod.Post, FormattableString.Invariant($"apply?reason=port%20{port}"), FormattableString.Invariant($"kind: Upstream\nname: a\naddresses: [\"http://127.0.0.1:{port}\"]"), "application/yaml");
        }
    }

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task Each_revision_is_an_entry_bound_to_the_one_before()
    {
        var page = await _gateway.Admin.GetAsync("audit?from=2&limit=2");

        var items = page.GetProperty("items").EnumerateArray().ToArray();
        Assert.Equal([2, 3], items.Select(i => i.GetProperty("revision").GetInt64()));
        Assert.Equal(["port 1", "port 2"], items.Select(i => i.GetProperty("reason").GetString()));
        Assert.All(items, i => Assert.Equal("127.0.0.1", i.GetProperty("author").GetProperty("from").GetString()));
        Assert.Equal(items[0].GetProperty("entry").GetString(), items[1].GetProperty("previous").GetString());
        Assert.Equal(4, page.GetProperty("next").GetInt64());
        var verdict = await _gateway.Admin.GetAsync("audit/verify");
        Assert.True(verdict.GetProperty("whole").GetBoolean());
        Assert.Equal(4, verdict.GetProperty("entries").GetInt64());
        var last = (await _gateway.Admin.GetAsync("audit?from=4")).GetProperty("items")[0];
        Assert.Equal(last.GetProperty("entry").GetString(), verdict.GetProperty("head").GetString());
    }

    [Fact]
    public async Task The_command_line_lists_the_last_entries_and_verifies_the_chain()
    {
        var table = await _cli.DoneAsync("audit", "--limit", "2");

        Assert.DoesNotContain("port 1", table, StringComparison.Ordinal);
        Assert.Matches(@"REVISION +AT +BY +FROM +CHANGES +ENTRY +REASON *\n3 .* bootstrap \(api\) +127\.0\.0\.1 +1 +[0-9a-f]{12} +port 2 *\n4 ", table);
        Assert.Contains("first start", await _cli.DoneAsync("audit", "--from", "1", "--limit", "1"), StringComparison.Ordinal);
        Assert.Contains("The chain is whole: 4 entries", await _cli.DoneAsync("audit", "verify"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_that_was_altered_is_named_and_the_exit_code_says_so()
    {
        await _gateway.Sluice.DisposeAsync();
        Alter(Path.Combine(_gateway.Data, "sluice.db"), "port 2", "port 7");
        await _gateway.StartAgainAsync();

        var verdict = await _gateway.Admin.GetAsync("audit/verify");

        Assert.False(verdict.GetProperty("whole").GetBoolean());
        Assert.Contains("entry 3 was altered", Assert.Single(verdict.GetProperty("faults").EnumerateArray()).GetString(), StringComparison.Ordinal);
        var cli = new Shell(_gateway);
        Assert.Contains("entry 3 was altered", await cli.FailsAsync(1, "audit", "verify"), StringComparison.Ordinal);
        var (code, output, _) = await cli.RunAsync(["audit", "verify", "--json"]);
        Assert.Equal(1, code);
        Assert.False(JsonSerializer.Deserialize<JsonElement>(output).GetProperty("whole").GetBoolean());
    }

    private static void Alter(string database, string from, string to)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE grain_state SET payload = CAST(REPLACE(CAST(payload AS TEXT), $from, $to) AS BLOB) WHERE state_name = 'info' AND INSTR(payload, $bytes)";
        command.Parameters.AddWithValue("$from", from);
        command.Parameters.AddWithValue("$to", to);
        command.Parameters.AddWithValue("$bytes", Encoding.UTF8.GetBytes(from));
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
