using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Realtime;

/// <summary>Which connections are refused, and which the gateway ends.</summary>
public sealed class RealtimeEndTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"rt{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_refused_connection_is_told_why_in_the_form_of_OpenAI()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        await using var refusing = await RealtimeProvider.StartAsync(refuses: 401);
        var key = await RealtimeClient.ApplyAsync(_gateway, _name, provider, OwnModel.Budget(_name, 300), $$"""
            kind: Provider
            name: {{_name}}-other
            dialect: anthropic
            address: {{provider.Address}}
            ---
            kind: Model
            name: {{_name}}-other
            targets: [{ provider: {{_name}}-other, model: any }]
            ---
            kind: Model
            name: {{_name}}-unbound
            targets: [{ provider: {{_name}}, model: any }]
            ---
            kind: Provider
            name: {{_name}}-refusing
            dialect: openai
            address: {{refusing.Address}}
            ---
            kind: Model
            name: {{_name}}-refusing
            targets: [{ provider: {{_name}}-refusing, model: any }]
            contextTokens: 100
            maxOutputTokens: 100
            """);
        using var client = _gateway.Client(key);

        using var plain = await client.GetAsync($"/v1/realtime?model={_name}");
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), await ReadAsync(plain));
        using var posted = await client.PostAsync($"/v1/realtime?model={_name}", null);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "method_not_allowed"), await ReadAsync(posted));
        using var stranger = _gateway.Client("sk-sluice-none");
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_api_key"), await UpgradeAsync(stranger, _name));
        Assert.Equal((HttpStatusCode.NotFound, "model_not_found"), await UpgradeAsync(client, "unknown"));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), await UpgradeAsync(client, ""));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), await UpgradeAsync(client, $"{_name}-other"));
        Assert.Equal((HttpStatusCode.BadRequest, "unbounded_input"), await UpgradeAsync(client, $"{_name}-unbound"));
        Assert.Equal((HttpStatusCode.TooManyRequests, "insufficient_quota"), await UpgradeAsync(client, _name));
        Assert.Empty(provider.Requests);

        Assert.Equal((HttpStatusCode.BadGateway, "upstream_error"), await UpgradeAsync(client, $"{_name}-refusing"));
        Assert.Single(refusing.Requests);
    }

    [Fact]
    public async Task A_connection_whose_key_is_revoked_is_closed_and_says_so()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        await RealtimeClient.ApplyAsync(_gateway, _name, provider);
        var (id, key) = await _gateway.Admin.CreateKeyAsync(_name);
        using var client = await RealtimeClient.ConnectAsync(_gateway, _name, key);
        Assert.True(await client.RespondAsync());

        await _gateway.Admin.DeleteAsync($"tenants/{_name}/keys/{id}");

        var (error, status, reason) = await client.EndAsync();
        Assert.Equal(("invalid_api_key", 1008), (error, status));
        Assert.StartsWith("invalid_api_key: ", reason, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => Task.FromResult(provider.Ends.Any()), "the provider's side ends");
    }

    [Fact]
    public async Task A_connection_whose_subscription_is_withdrawn_is_closed_and_says_so()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        await RealtimeClient.ApplyAsync(_gateway, _name, provider);
        await _gateway.ApplyAsync($$"""
            kind: Product
            name: {{_name}}
            models: [{{_name}}]
            access: subscription
            approval: automatic
            """);
        await _gateway.Admin.PostAsync($"tenants/{_name}/subscriptions", new { product = _name });
        using var client = await RealtimeClient.ConnectAsync(_gateway, _name, (await _gateway.Admin.CreateKeyAsync(_name)).Key);
        Assert.True(await client.RespondAsync());

        await _gateway.Admin.PostAsync($"subscriptions/{_name}~{_name}/withdraw");

        var (error, status, _) = await client.EndAsync();
        Assert.Equal(("model_not_found", 1008), (error, status));
    }

    [Fact]
    public async Task A_connection_on_which_nothing_passes_for_too_long_is_closed()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        await RealtimeClient.ApplyAsync(_gateway, _name, provider);
        await _gateway.ApplyAsync($$"""
            kind: Model
            name: {{_name}}
            targets: [{ provider: {{_name}}, model: any }]
            timeouts: { betweenTokens: 500ms }
            """);
        using var client = await RealtimeClient.ConnectAsync(_gateway, _name, (await _gateway.Admin.CreateKeyAsync(_name)).Key);

        Assert.Equal(("idle_timeout", 1000), await client.EndAsync() is var end ? (end.Error, end.Status) : default);
    }

    [Fact]
    public async Task An_edge_that_drains_closes_connections_as_going_away_once_its_time_is_over()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        await using var gateway = await Gateway.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE__EDGE__DRAINTIME"] = "1s" });
        var key = await RealtimeClient.ApplyAsync(gateway, _name, provider);
        using var client = await RealtimeClient.ConnectAsync(gateway, _name, key);
        Assert.True(await client.RespondAsync());

        var ending = gateway.Sluice.StopAsync();

        // Until then it is served on.
        Assert.True(await client.RespondAsync());
        var (error, status, _) = await client.EndAsync();
        Assert.Equal(("service_unavailable", 1001), (error, status));
        Assert.Equal(0, await ending);
    }

    private static async Task<(HttpStatusCode Status, string Code)> UpgradeAsync(HttpClient client, string model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/realtime?model={model}");
        request.Headers.Connection.Add("Upgrade");
        request.Headers.Upgrade.ParseAdd("websocket");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        request.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        using var answer = await client.SendAsync(request);
        return await ReadAsync(answer);
    }

    private static async Task<(HttpStatusCode Status, string Code)> ReadAsync(HttpResponseMessage answer)
    {
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return (answer.StatusCode, body.RootElement.GetProperty("error").GetProperty("code").GetString()!);
    }
}
