using System.Net;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>Products that tenants subscribe to.</summary>
public sealed class SubscriptionTests(SharedGateway shared) : IAsyncLifetime
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"s{Guid.NewGuid():n}"[..12];
    private Upstream _upstream = null!;
    private HttpClient _client = null!;

    private string Id => $"{_name}~{_name}";

    [Fact]
    public async Task A_tenant_may_call_what_a_product_has_from_approval_to_withdrawal()
    {
        await StartAsync();
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, false), await AskAsync());
        var (_, refusal) = await OwnModel.AskAsync(_client, _name);
        Assert.Contains("not_subscribed", refusal, StringComparison.Ordinal);
        Assert.Contains($"subscribers of '{_name}' alone", refusal, StringComparison.Ordinal);

        Assert.Equal("requested", (await RequestAsync("for the shop")).GetProperty("state").GetString());
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, false), await AskAsync());

        await DecideAsync("approve");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, true), await AskAsync());

        await DecideAsync("withdraw");
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, false), await AskAsync());

        await RequestAsync();
        await DecideAsync("approve");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, true), await AskAsync());
        var history = (await _gateway.Admin.GetAsync($"tenants/{_name}/subscriptions")).GetProperty("items")[0].GetProperty("history").EnumerateArray().ToList();
        Assert.Equal(["requested", "approved", "withdrawn", "requested", "approved"], history.Select(s => s.GetProperty("state").GetString()));
        Assert.Equal(("for the shop", "bootstrap"), (history[0].GetProperty("note").GetString(), history[0].GetProperty("by").GetProperty("name").GetString()));
    }

    [Fact]
    public async Task The_refusal_has_the_form_of_each_dialect_and_of_routes()
    {
        await StartAsync();

        var (status, messages) = await PostAsync("/v1/messages", $$"""{"model":"{{_name}}","max_tokens":5,"messages":[{"role":"user","content":"Hello"}]}""");
        Assert.Equal((HttpStatusCode.Forbidden, "permission_error"), (status, messages.GetProperty("error").GetProperty("type").GetString()));
        (status, var gemini) = await PostAsync($"/v1beta/models/{_name}:generateContent", """{"contents":[{"parts":[{"text":"Hello"}]}]}""");
        Assert.Equal((HttpStatusCode.Forbidden, "PERMISSION_DENIED"), (status, gemini.GetProperty("error").GetProperty("status").GetString()));
        using var route = await _client.GetAsync($"/{_name}");
        Assert.Equal("application/problem+json", route.Content.Headers.ContentType?.MediaType);
        Assert.Contains("urn:sluice:problem:not-subscribed", await route.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_product_that_approves_by_itself_needs_nobody()
    {
        await StartAsync("approval: automatic");

        Assert.Equal("approved", (await RequestAsync()).GetProperty("state").GetString());

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, true), await AskAsync());
    }

    [Fact]
    public async Task What_cannot_be_done_is_told()
    {
        await StartAsync();
        await RequestAsync();
        await DecideAsync("reject");

        await RefusesAsync(HttpStatusCode.Conflict, $"subscriptions/{Id}/approve", null, "subscription-state");
        await RefusesAsync(HttpStatusCode.Conflict, $"subscriptions/{Id}/withdraw", null, "It is rejected");
        await RefusesAsync(HttpStatusCode.NotFound, $"subscriptions/{_name}~nothing/approve", null, "never asked");
        await RefusesAsync(HttpStatusCode.NotFound, "subscriptions/nonsense/approve", null, "There is no subscription 'nonsense'");
        await RefusesAsync(HttpStatusCode.NotFound, "tenants/nobody/subscriptions", $$"""{"product":"{{_name}}"}""", "There is no tenant 'nobody'");
        await RefusesAsync(HttpStatusCode.BadRequest, $"tenants/{_name}/subscriptions", """{"product":"nothing"}""", "there is no product 'nothing'");
        await RefusesAsync(HttpStatusCode.BadRequest, $"tenants/{_name}/subscriptions", $$"""{"product":"{{_name}}-open"}""", "is open");
        await RefusesAsync(HttpStatusCode.BadRequest, $"tenants/{_name}/subscriptions", """{"produkt":"a"}""", "produkt");
    }

    [Fact]
    public async Task Subscriptions_of_all_tenants_are_listed_by_state_and_product()
    {
        await StartAsync();
        await _gateway.Admin.CreateTenantAsync($"{_name}-b");
        await RequestAsync();
        await _gateway.Admin.PostAsync($"tenants/{_name}-b/subscriptions", new { product = _name });
        await DecideAsync("approve");

        Assert.Equal([$"{_name}-b"], await TenantsAsync("state=requested&"));
        Assert.Equal([_name], await TenantsAsync("state=approved&"));
        Assert.Equal([$"{_name}-b", _name], await TenantsAsync(""));
        var first = await _gateway.Admin.GetAsync($"subscriptions?product={_name}&limit=1");
        Assert.Equal($"{_name}-b", first.GetProperty("items")[0].GetProperty("tenant").GetString());
        var second = await _gateway.Admin.GetAsync($"subscriptions?product={_name}&limit=1&after={first.GetProperty("next").GetString()}");
        Assert.Equal(_name, second.GetProperty("items")[0].GetProperty("tenant").GetString());
    }

    [Fact]
    public async Task Each_step_is_an_event_that_names_tenant_and_product()
    {
        await StartAsync();
        await RequestAsync();
        await DecideAsync("approve");
        await DecideAsync("withdraw");

        using var http = new HttpClient { BaseAddress = _gateway.Sluice.Admin, DefaultRequestHeaders = { Authorization = new("Bearer", _gateway.AdminKey) } };
        using var stream = await http.GetAsync("/api/v1/events?after=0&kind=subscription-requested,subscription-approved,subscription-withdrawn", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
        var kinds = new List<string>();
        var last = "";
        while (kinds.Count < 3 && await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            last = line.StartsWith("event: ", StringComparison.Ordinal) ? line[7..] : last;
            if (line.Contains($"\"{_name}/{_name}\"", StringComparison.Ordinal))
            {
                kinds.Add(last);
            }
        }

        Assert.Equal(["subscription-requested", "subscription-approved", "subscription-withdrawn"], kinds);
    }

    [Fact]
    public async Task A_webhook_is_told_of_what_tenants_ask_for_and_of_decisions()
    {
        await StartAsync();
        await _gateway.ApplyAsync($$"""
            kind: Secret
            name: {{_name}}
            value: whsec_bWFrZSB5b3VyIG93biBieSBvcGVuc3NsIHJhbmQ=
            ---
            kind: Webhook
            name: {{_name}}
            url: https://hooks.invalid/
            tenant: {{_name}}
            events: [subscription.requested, subscription.approved, subscription.rejected]
            secrets: [{{_name}}]
            """);
        await _gateway.Admin.CreateTenantAsync($"{_name}-b");
        await _gateway.Admin.PostAsync($"tenants/{_name}-b/subscriptions", new { product = _name });
        await RequestAsync();
        await RequestAsync();
        await DecideAsync("approve");

        var told = (await _gateway.Admin.GetAsync($"webhooks/{_name}/deliveries")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(["subscription.approved", "subscription.requested"], told.Select(d => d.GetProperty("event").GetString()));
        Assert.All(told, d => Assert.Equal($"{_name}/{_name}", d.GetProperty("about").GetString()));
        await _gateway.Admin.DeleteAsync($"webhooks/{_name}");
    }

    [Fact]
    public async Task The_command_line_lists_requests_approves_and_withdraws()
    {
        await StartAsync();
        var shell = new CommandLine.Shell(_gateway);

        Assert.Contains(Id, await shell.DoneAsync("subscriptions", "request", _name, _name, "--note", "for the shop"), StringComparison.Ordinal);
        Assert.Contains("for the shop", await shell.DoneAsync("subscriptions", "list", "--state", "requested", "--product", _name), StringComparison.Ordinal);
        Assert.Contains("approved", await shell.DoneAsync("subscriptions", "approve", Id), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, true), await AskAsync());
        var json = await shell.JsonAsync("subscriptions", "withdraw", Id, "--reason", "it is over");
        Assert.Equal(("withdrawn", "it is over"), (json.GetProperty("state").GetString(), json.GetProperty("history")[2].GetProperty("note").GetString()));
        Assert.Contains("withdrawn", await shell.FailsAsync(1, "subscriptions", "approve", Id), StringComparison.Ordinal);
        Assert.Empty((await shell.JsonAsync("subscriptions", "list", "--tenant", _name, "--state", "approved")).GetProperty("items").EnumerateArray());
    }

    public async ValueTask InitializeAsync() => _upstream = await OwnModel.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await _upstream.DisposeAsync();
    }

    private async Task StartAsync(string approval = "approval: manual") => _client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, _upstream), $$"""
        kind: Upstream
        name: {{_name}}
        addresses: ["{{_upstream.Address}}"]
        ---
        kind: Route
        name: {{_name}}
        match: { path: /{{_name}} }
        access: key
        split: [{ upstream: {{_name}} }]
        ---
        kind: Product
        name: {{_name}}
        models: [{{_name}}]
        routes: [{{_name}}]
        access: subscription
        {{approval}}
        ---
        kind: Product
        name: {{_name}}-open
        models: [{{_name}}]
        """));

    private Task<JsonElement> RequestAsync(string? note = null) => _gateway.Admin.PostAsync($"tenants/{_name}/subscriptions", new { product = _name, note });

    private Task<JsonElement> DecideAsync(string verb) => _gateway.Admin.PostAsync($"subscriptions/{Id}/{verb}");

    private async Task<string?[]> TenantsAsync(string state) =>
        [.. (await _gateway.Admin.GetAsync($"subscriptions?{state}product={_name}")).GetProperty("items").EnumerateArray().Select(s => s.GetProperty("tenant").GetString())];

    private async Task RefusesAsync(HttpStatusCode status, string path, string? body, string says)
    {
        var (answered, problem) = await _gateway.Admin.SendAsync(HttpMethod.Post, path, body);
        Assert.Equal(status, answered);
        Assert.Contains(says, problem.ToString(), StringComparison.Ordinal);
    }

    // The model, the route, and whether the model is listed.
    private async Task<(HttpStatusCode Model, HttpStatusCode Route, bool IsListed)> AskAsync()
    {
        var (model, _) = await OwnModel.AskAsync(_client, _name);
        using var route = await _client.GetAsync($"/{_name}");
        return (model, route.StatusCode, (await _client.GetStringAsync("/v1/models")).Contains($"\"{_name}\"", StringComparison.Ordinal));
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string body)
    {
        using var answer = await _client.PostAsync(path, Gateway.Json(body));
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }
}
