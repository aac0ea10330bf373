using System.Net;
using System.Text.Json;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Monitoring;

/// <summary>Publishes over a time, by who asked for them and by what became of them.</summary>
public sealed class ReloadReportTests(ClassGateway own) : IClassFixture<ClassGateway>
{
    private readonly Gateway _gateway = own.Gateway;
    private readonly string _name = $"r{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task Who_published_what_came_of_it_and_why_some_were_refused_is_told_by_the_API_and_the_command_line()
    {
        var key = (await _gateway.Admin.PostAsync("admin-keys", new { name = _name, role = "operator" })).GetProperty("key").GetString()!;
        using var admin = new AdminApi(_gateway.Sluice.Admin, key);
        await admin.ApplyAsync(Bundle("http://127.0.0.1:9"));
        await admin.ApplyAsync(Bundle("http://127.0.0.1:9"));
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.SendAsync(HttpMethod.Post, "apply", $"kind: Upstream\nname: {_name}\nadresses: [nobody-sees-it]", "application/yaml")).Status);

        var told = await Eventually.GetAsync(async () => await AskAsync() is var answer && answer.GetProperty("total").GetProperty("reloads").GetInt32() == 2 ? new { Answer = answer } : null, "both are kept");

        var author = Assert.Single(told.Answer.GetProperty("authors").EnumerateArray());
        Assert.Equal((_name, 1, 1), (author.GetProperty("author").GetString(), Count(author, "committed"), Count(author, "check")));
        Assert.True(author.GetProperty("duration").GetProperty("medianMs").GetDouble() > 0);
        Assert.Equal(["check", "store", "prepare", "commit", "barrier"], told.Answer.GetProperty("phases").EnumerateArray().Select(p => p.GetProperty("phase").GetString()).Where(p => p is not "hold"));
        var refusal = Assert.Single(told.Answer.GetProperty("refusals").EnumerateArray());
        Assert.Equal(("invalid", "check"), (refusal.GetProperty("code").GetString(), refusal.GetProperty("outcome").GetString()));
        Assert.Contains($"Upstream/{_name}: adresses: unknown field", refusal.GetProperty("why").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("nobody-sees-it", told.Answer.GetRawText(), StringComparison.Ordinal);

        var lines = await new Shell(_gateway).DoneAsync("reloads", "--author", _name);
        Assert.Matches($@"{_name} +api +2 +0 +1 committed, 1 check", lines);
        Assert.Contains("refused: check, invalid", lines, StringComparison.Ordinal);
    }

    private Task<JsonElement> AskAsync() => _gateway.Admin.GetAsync($"reloads?author={_name}");

    private static int Count(JsonElement figures, string outcome) => figures.GetProperty("outcomes").GetProperty(outcome).GetInt32();

    private string Bundle(string address) => $$"""
        kind: Upstream
        name: {{_name}}
        addresses: ["{{address}}"]
        """;
}
