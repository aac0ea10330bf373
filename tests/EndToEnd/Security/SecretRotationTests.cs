using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.EndToEnd.Clients;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Security;

/// <summary>A provider's Secret that gets a new value while requests are under way.</summary>
public sealed class SecretRotationTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"s{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_request_under_way_keeps_the_old_value_in_all_its_attempts_and_new_ones_take_the_new_one()
    {
        var (came, more) = (new TaskCompletionSource(), new TaskCompletionSource());
        var shown = new ConcurrentQueue<(string Model, string Credential)>();
        await using var provider = await Upstream.StartAsync(async (http, request) =>
        {
            var isFirst = Encoding.UTF8.GetString(request.Body).Contains("\"first\"", StringComparison.Ordinal);
            shown.Enqueue((isFirst ? "first" : "second", request.Headers["Authorization"]));
            if (isFirst && request.Headers["Authorization"] is "Bearer old")
            {
                came.SetResult();
                await more.Task.WaitAsync(http.RequestAborted);
                http.Response.StatusCode = 500;
            }

            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync("""{"object":"chat.completion","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""", http.RequestAborted);
        });
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, Bundle(provider, "old")));

        var underWay = OwnModel.AskAsync(client, _name);
        await came.Task;
        await _gateway.ApplyAsync(Secret("new"));
        Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(client, _name)).Status);
        more.SetResult();

        Assert.Equal(HttpStatusCode.OK, (await underWay).Status);
        Assert.Equal([("first", "Bearer old"), ("first", "Bearer new"), ("second", "Bearer old")], shown);
    }

    [Fact]
    public async Task A_service_account_that_gets_a_new_key_is_given_access_by_that_one()
    {
        await using var before = await TokenService.StartAsync();
        await using var after = await TokenService.StartAsync();
        await using var provider = await Upstream.StartAsync(static (http, _) => http.Response.WriteAsync("""{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}""", http.RequestAborted));
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, Secret(before.Key), VertexTests.Bundle(_name, provider)));

        Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(client, _name)).Status);
        await _gateway.ApplyAsync(Secret(after.Key));
        Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(client, _name)).Status);
        Assert.Equal((1, 1, null), (before.Exchanges, after.Exchanges, after.Wrong));
    }

    private string Secret(string value) => $"kind: Secret\nname: {_name}\nvalue: {System.Text.Json.JsonSerializer.Serialize(value)}";

    private string Bundle(Upstream provider, string secret) => $$"""
        {{Secret(secret)}}
        ---
        kind: Provider
        name: {{_name}}
        address: {{provider.Address}}/v1
        credentials: [{ secret: {{_name}} }]
        ---
        kind: Model
        name: {{_name}}
        strategy: priority
        targets: [{ provider: {{_name}}, model: first, priority: 1 }, { provider: {{_name}}, model: second, priority: 2 }]
        """;
}
