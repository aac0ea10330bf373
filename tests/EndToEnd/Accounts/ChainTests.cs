using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>A request is counted on every level that binds it; the one that does not admit is named, and what it would have taken of the others is free again.</summary>
public sealed class ChainTests(SharedGateway shared)
{
    private const int Tight = 2;
    private const int Wide = 5;
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"h{Guid.NewGuid():n}"[..12];

    [Theory]
    [InlineData("workspace")]
    [InlineData("organisation")]
    [InlineData("tenant")]
    [InlineData("team")]
    [InlineData("user")]
    [InlineData("key")]
    public async Task The_level_that_refuses_is_named_with_its_reset_and_the_others_keep_what_was_left(string tight)
    {
        await using var upstream = await OwnModel.StartAsync();
        await _gateway.Admin.PostAsync("tenants", new { name = _name, organisation = $"{_name}-org" });
        var made = await _gateway.Admin.PostAsync($"tenants/{_name}/keys", new { name = "test", user = "ada", team = "red" });
        var subjects = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["workspace"] = "workspace",
            ["organisation"] = $"organisation/{_name}-org",
            ["tenant"] = $"tenant/{_name}",
            ["team"] = $"team/{_name}/red",
            ["user"] = $"user/{_name}/ada",
            ["key"] = $"key/{made.GetProperty("id").GetString()}",
        };
        await _gateway.ApplyAsync(string.Join("\n---\n", [OwnModel.Bundle(_name, upstream), .. subjects.Select(s => Budget(s.Key, s.Value, string.Equals(s.Key, tight, StringComparison.Ordinal) ? Tight : Wide))]));
        using var client = _gateway.Client(made.GetProperty("key").GetString()!);
        for (var i = 0; i < Tight; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(client, _name)).Status);
        }

        var (status, body) = await OwnModel.AskAsync(client, _name);

        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.Contains($"Budget '{_name}-{tight}' of {subjects[tight]}: 0 requests of {Tight} requests can still be had", body, StringComparison.Ordinal);
        Assert.Matches(@"It resets at \d{4}-\d\d-\d\dT00:00:00Z\.", body);

        // With more of that level the rest of the others can all be used: the refusal kept nothing.
        await _gateway.ApplyAsync(Budget(tight, subjects[tight], Wide + 1));
        for (var i = Tight; i < Wide; i++)
        {
            await Eventually.TrueAsync(async () => (await OwnModel.AskAsync(client, _name)).Status is HttpStatusCode.OK, $"request {i + 1} is answered");
        }

        (status, body) = await OwnModel.AskAsync(client, _name);
        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.DoesNotContain($"{_name}-{tight}'", body, StringComparison.Ordinal);
        Assert.Equal(Wide, upstream.Requests.Count);
    }

    // For the test's own model alone: other tests share the workspace.
    private string Budget(string level, string subject, int requests) => $$"""
        kind: Budget
        name: {{_name}}-{{level}}
        subject: {{subject}}
        for: { model: {{_name}} }
        amount: { requests: {{requests}} }
        window: { every: day }
        """;
}
