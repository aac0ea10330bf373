using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Responses that a provider keeps: gone on from, read, cancelled and deleted by their tenant alone.</summary>
public sealed class KeptResponsesTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"r{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_conversation_goes_on_from_a_kept_response_under_the_providers_own_id()
    {
        await using var provider = await StartAsync();
        using var client = await ClientAsync(provider);

        var first = await AskAsync(client, "");
        var second = await AskAsync(client, $"\"previous_response_id\":\"{Id(first)}\",");

        Assert.StartsWith("resp_sluice.", Id(first), StringComparison.Ordinal);
        Assert.Equal(Id(first), second.GetProperty("previous_response_id").GetString());
        Assert.NotEqual(Id(first), Id(second));
        Assert.Equal($$"""{"previous_response_id":"resp_00000001","model":"any","input":"Hello"}""", Encoding.UTF8.GetString(provider.Requests.Last().Body));
        Assert.DoesNotContain("resp_0000", first.GetRawText() + second.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_tenant_has_and_what_only_the_provider_would_know_is_not_there()
    {
        await using var provider = await StartAsync();
        using var client = await ClientAsync(provider);
        using var other = _gateway.Client((await _gateway.Admin.CreateTenantAsync($"{_name}-o")).Key);
        var id = Id(await AskAsync(client, ""));
        var errors = new HashSet<string>(StringComparer.Ordinal);

        foreach (var (asker, field) in new[]
        {
            (other, $"\"previous_response_id\":\"{id}\""), (client, "\"previous_response_id\":\"resp_00000001\""), (client, "\"previous\\u005fresponse_id\":\"resp_00000001\""),
            (client, $"\"previous_response_id\":\"{id}\",\"previous_response_id\":\"resp_00000001\""),
            (client, $"\"previous_response_id\":\"{id}\",\"previous_response_id\":\"{id}\""),
        })
        {
            using var refused = await asker.PostAsync("/v1/responses", Gateway.Json($$"""{"model":"{{_name}}",{{field}},"input":"Hello"}"""));
            errors.Add((await PassedModel.ErrorAsync(refused, HttpStatusCode.BadRequest)).GetProperty("message").GetString()!);
        }

        Assert.Equal(2, errors.Count);
        foreach (var (asker, named) in new[] { (other, id), (client, "resp_00000001"), (client, id[..^1]) })
        {
            foreach (var (method, action) in new[] { ("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("GET", "/input_items") })
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), $"/v1/responses/{named}{action}");
                using var answer = await asker.SendAsync(request);
                Assert.Equal($"Response with id '{named}' not found.", (await PassedModel.ErrorAsync(answer, HttpStatusCode.NotFound)).GetProperty("message").GetString());
            }
        }

        Assert.Single(provider.Requests);
    }

    [Fact]
    public async Task A_response_is_read_with_its_input_cancelled_and_deleted()
    {
        await using var provider = await StartAsync();
        using var client = await ClientAsync(provider);
        var id = Id(await AskAsync(client, ""));

        var read = await JsonAsync(client, HttpMethod.Get, $"/v1/responses/{id}?include[]=x");
        var items = await JsonAsync(client, HttpMethod.Get, $"/v1/responses/{id}/input_items?limit=1");
        var cancelled = await JsonAsync(client, HttpMethod.Post, $"/v1/responses/{id}/cancel");
        var deleted = await JsonAsync(client, HttpMethod.Delete, $"/v1/responses/{id}");
        using var streamed = await client.GetAsync($"/v1/responses/{id}?stream=true");

        Assert.All([read, cancelled, deleted], told => Assert.Equal(id, Id(told)));
        Assert.Equal("list", items.GetProperty("object").GetString());
        Assert.Equal(
            ["GET /v1/responses/resp_00000001?include[]=x", "GET /v1/responses/resp_00000001/input_items?limit=1", "POST /v1/responses/resp_00000001/cancel", "DELETE /v1/responses/resp_00000001"],
            provider.Requests.Skip(1).Select(r => $"{r.Method} {Uri.UnescapeDataString(r.Target)}"));
        Assert.Equal("stream", (await PassedModel.ErrorAsync(streamed, HttpStatusCode.BadRequest)).GetProperty("param").GetString());
        var usage = await _gateway.Admin.UsageAsync(_name, 5);
        Assert.Equal((3, 2), (usage.InputTokens, usage.OutputTokens));
    }

    [Fact]
    public async Task An_answer_that_comes_later_is_held_and_charged_once_by_what_it_used_when_it_is_read_or_deleted()
    {
        await using var provider = await StartAsync();
        using var client = await ClientAsync(provider, OwnModel.Budget(_name, 100_000));

        var queued = await AskAsync(client, "\"background\":true,\"max_output_tokens\":1000,");
        var held = await HeldAsync();
        var read = await JsonAsync(client, HttpMethod.Get, $"/v1/responses/{Id(queued)}");
        await JsonAsync(client, HttpMethod.Delete, $"/v1/responses/{Id(await AskAsync(client, "\"background\":true,\"max_output_tokens\":1000,"))}");

        Assert.Equal("queued", queued.GetProperty("status").GetString());
        Assert.Equal(Id(queued), Id(read));
        var usage = await _gateway.Admin.UsageAsync(_name, 6);
        Assert.Equal((6, 4), (usage.InputTokens, usage.OutputTokens));
        Assert.InRange(held, 1000, 2000);
        await Eventually.TrueAsync(async () => await HeldAsync() == 0, "Something is held.");
        using var elsewhere = await client.PostAsync("/v1/responses", Gateway.Json("""{"model":"sandbox","input":"Hello","background":true}"""));
        Assert.Equal("background", (await PassedModel.ErrorAsync(elsewhere, HttpStatusCode.BadRequest)).GetProperty("param").GetString());
    }

    [Theory]
    [InlineData(400, 0)]
    [InlineData(0, 1000)]
    public async Task An_answer_that_comes_later_and_was_refused_is_not_charged_and_one_that_broke_off_is_with_all_that_was_held(int status, long tokens)
    {
        await using var provider = await Upstream.StartAsync((http, _) =>
        {
            http.Response.StatusCode = status == 0 ? 200 : status;
            if (status == 0)
            {
                http.Abort();
            }

            return http.Response.WriteAsync("{}");
        });
        using var client = await ClientAsync(provider, OwnModel.Budget(_name, 100_000));

        using var answer = await client.PostAsync("/v1/responses", Gateway.Json($$"""{"model":"{{_name}}","input":"Hello","background":true,"max_output_tokens":1000}"""));

        Assert.Equal(status == 0 ? 502 : status, (int)answer.StatusCode);
        Assert.Equal(tokens, (await _gateway.Admin.UsageAsync(_name, status == 0 ? 2 : 1)).OutputTokens);
        await Eventually.TrueAsync(async () => await HeldAsync() == 0, "Something is held.");
    }

    [Fact]
    public async Task Of_several_targets_the_one_that_keeps_the_response_is_asked()
    {
        await using var provider = await StartAsync();
        await using var beside = await StartAsync();
        using var client = await ClientAsync(provider, OwnModel.Bundle($"{_name}-b", beside, dialect: "responses"), $$"""
            kind: Model
            name: {{_name}}-two
            strategy: priority
            targets: [{ provider: {{_name}}-b, model: b }, { provider: {{_name}}, model: a, priority: 2 }]
            """);
        var id = Id(await AskAsync(client, ""));

        using var answer = await client.PostAsync("/v1/responses", Gateway.Json($$"""{"model":"{{_name}}-two","previous_response_id":"{{id}}","input":"Hello"}"""));
        using var elsewhere = await client.PostAsync("/v1/responses", Gateway.Json($$"""{"model":"{{_name}}-b","previous_response_id":"{{id}}","input":"Hello"}"""));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains($"'{_name}' keeps", (await PassedModel.ErrorAsync(elsewhere, HttpStatusCode.BadRequest)).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal((2, 0), (provider.Requests.Count, beside.Requests.Count));
    }

    // In leases of works of their own.
    private async Task<long> HeldAsync() => (await _gateway.Admin.GetAsync($"budgets/{_name}/status")).GetProperty("leases").EnumerateArray()
        .Where(l => l.GetProperty("edge").GetString()!.StartsWith("deferred-", StringComparison.Ordinal)).Sum(l => l.GetProperty("amount").GetInt64());

    private static string Id(JsonElement response) => response.GetProperty("id").GetString()!;

    private static async Task<JsonElement> JsonAsync(HttpClient client, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using var answer = await client.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, body);
        return JsonSerializer.Deserialize<JsonElement>(body);
    }

    // Each response has the number of its request.
    private static async Task<Upstream> StartAsync()
    {
        var number = 0;
        return await Upstream.StartAsync((http, request) =>
        {
            http.Response.ContentType = "application/json";
            var asked = request.Body.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(request.Body);
            var path = request.Target.Split('?')[0];
            var id = path.Split('/') is [_, _, _, var named, ..] ? named : $"resp_{Interlocked.Increment(ref number):D8}";
            var previous = asked.ValueKind is JsonValueKind.Object && asked.TryGetProperty("previous_response_id", out var before) ? before.GetRawText() : "null";
            var later = asked.ValueKind is JsonValueKind.Object && asked.TryGetProperty("background", out _);
            return http.Response.WriteAsync(path.EndsWith("/input_items", StringComparison.Ordinal) ? """{"object":"list","data":[],"has_more":false}"""
                : request.Method is "DELETE" ? $$"""{"id":"{{id}}","object":"response","deleted":true}"""
                : $$$"""{"id":"{{{id}}}","object":"response","status":"{{{(later ? "queued" : "completed")}}}","previous_response_id":{{{previous}}},"output":[],"usage":{{{(later ? "null" : """{"input_tokens":3,"output_tokens":2,"total_tokens":5}""")}}}}""", http.RequestAborted);
        });
    }

    private async Task<JsonElement> AskAsync(HttpClient client, string more)
    {
        using var answer = await client.PostAsync("/v1/responses", Gateway.Json($$"""{{{more}}"model":"{{_name}}","input":"Hello"}"""));
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, body);
        return JsonSerializer.Deserialize<JsonElement>(body);
    }

    private async Task<HttpClient> ClientAsync(Upstream provider, params string[] more) =>
        _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, [OwnModel.Bundle(_name, provider, dialect: "responses"), .. more]));
}
