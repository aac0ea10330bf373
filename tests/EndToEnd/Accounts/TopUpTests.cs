using System.Net;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>Adding to a budget's window: by the command line, once for each id, without a revision.</summary>
public sealed class TopUpTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"u{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task What_is_added_can_be_used_at_once_and_the_same_again_adds_nothing()
    {
        await using var upstream = await OwnModel.StartAsync();
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream), $$"""
            kind: Budget
            name: {{_name}}
            subject: tenant/{{_name}}
            amount: { requests: 1 }
            window: { every: month }
            """));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests], [(await OwnModel.AskAsync(client, _name)).Status, (await OwnModel.AskAsync(client, _name)).Status]);

        var shell = new Shell(_gateway);
        await shell.DoneAsync("budgets", "top-up", _name, "--requests", "2", "--id", "launch", "--note", "the launch");
        var status = await shell.JsonAsync("budgets", "top-up", _name, "--requests", "2", "--id", "launch");

        Assert.Equal(3, status.GetProperty("limit").GetInt64());
        for (var i = 0; i < 2; i++)
        {
            await Eventually.TrueAsync(async () => (await OwnModel.AskAsync(client, _name)).Status is HttpStatusCode.OK, "what was added is used");
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await OwnModel.AskAsync(client, _name)).Status);
        Assert.Equal(3, upstream.Requests.Count);
    }
}
