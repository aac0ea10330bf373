using System.Net;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>What was used, attempt by attempt and in sums, as the admin API tells it.</summary>
public sealed class AttemptsTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _tenant = $"c{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task Records_are_told_page_by_page_one_by_one_by_what_they_are_and_as_a_table()
    {
        var (id, key) = await _gateway.Admin.CreateTenantAsync(_tenant);
        using var client = _gateway.Client(key);
        var requests = new List<string>();
        foreach (var team in new[] { "search", "search", "mail" })
        {
            requests.Add(await AskAsync(client, $"team={team},stage=test"));
        }

        await _gateway.Admin.UsageAsync(_tenant, 3);
        var first = await GetAsync("attempts?limit=2");
        var second = await GetAsync($"attempts?limit=2&cursor={first.GetProperty("next").GetString()}");
        Assert.Equal(Enumerable.Reverse(requests), Requests(first).Concat(Requests(second)));
        Assert.Equal([requests[2]], Requests(await GetAsync("attempts?tag=team=mail")));
        Assert.Equal(3, Requests(await GetAsync($"attempts?key={id}&model=sandbox&status=200")).Count());
        Assert.Empty(Requests(await GetAsync("attempts?status=500")));
        Assert.Empty(Requests(await GetAsync("attempts?to=2026-01-01&from=2025-12-31")));

        var one = await _gateway.Admin.GetAsync($"calls/{requests[0]}");
        var attempt = Assert.Single(one.GetProperty("attempts").EnumerateArray());
        Assert.Equal((requests[0], $"{requests[0]}.1"), (one.GetProperty("request").GetString(), attempt.GetProperty("id").GetString()));
        Assert.Equal((_tenant, id, "sandbox", "reported"), (Text(attempt, "tenant"), Text(attempt, "key"), Text(attempt, "asked"), Text(attempt, "source")));
        Assert.Equal(["stage=test", "team=search"], attempt.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
        Assert.True(attempt.GetProperty("tokens").GetProperty("output").GetInt64() > 0);
        Assert.InRange(attempt.GetProperty("firstByte").GetDateTimeOffset(), attempt.GetProperty("arrived").GetDateTimeOffset(), attempt.GetProperty("ended").GetDateTimeOffset());

        var (status, table) = await TableAsync($"attempts?tenant={_tenant}&format=csv");
        Assert.Equal((HttpStatusCode.OK, 4), (status, table.Length));
        Assert.StartsWith("id,request,attempt,tenant,key", table[0], StringComparison.Ordinal);
        Assert.StartsWith($"{requests[2]}.1,{requests[2]},1,{_tenant},{id},", table[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sums_are_told_by_tag_provider_and_hour_and_each_request_counts_once_in_the_total()
    {
        var (_, key) = await _gateway.Admin.CreateTenantAsync(_tenant);
        using var client = _gateway.Client(key);
        await AskAsync(client, "team=search,stage=test");
        await AskAsync(client, "team=mail,stage=test");
        await AskAsync(client, null);

        await _gateway.Admin.UsageAsync(_tenant, 3);
        var tags = await _gateway.Admin.GetAsync($"tenants/{_tenant}/usage?by=tag,model");
        Assert.Equal([("stage=test", 2), ("team=mail", 1), ("team=search", 1)], tags.GetProperty("rows").EnumerateArray().Select(row => (Text(row, "tag"), row.GetProperty("requests").GetInt32())).Order());
        Assert.Equal(3, tags.GetProperty("total").GetProperty("requests").GetInt32());
        var row = Assert.Single((await _gateway.Admin.GetAsync($"tenants/{_tenant}/usage?by=provider,route")).GetProperty("rows").EnumerateArray());
        Assert.Equal(("sandbox", "", 3), (Text(row, "provider"), Text(row, "route"), row.GetProperty("requests").GetInt32()));
        var (_, table) = await TableAsync($"tenants/{_tenant}/usage?by=status,source&format=csv");
        Assert.Equal("status,source,requests,inputTokens,cachedTokens,cacheWriteTokens,imageTokens,audioTokens,outputTokens,reasoningTokens,outputAudioTokens,cost,cachedAnswers,savedTokens,saved", table[0]);
        Assert.StartsWith("200,reported,3,", Assert.Single(table[1..]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("attempts?limit=0", "query: limit")]
    [InlineData("attempts?cursor=x", "query: cursor")]
    [InlineData("attempts?from=yesterday", "query: from")]
    [InlineData("attempts?from=2026-02-01&to=2026-01-01", "query: from")]
    [InlineData("attempts?tenant=A%2FB", "query: tenant")]
    [InlineData("attempts?format=xml", "query: format")]
    [InlineData("tenants/default/usage?by=tag,key", "query: by")]
    public async Task What_is_asked_wrongly_is_said(string path, string field)
    {
        var (status, body) = await _gateway.Admin.SendAsync(HttpMethod.Get, path, null);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(field, Text(Assert.Single(body.GetProperty("errors").EnumerateArray()), "path"));
    }

    [Theory]
    [InlineData("req_0")]
    [InlineData("req_019d5f0d0000123456780000000a")]
    public async Task A_request_of_which_nothing_is_known_is_not_found(string id) =>
        Assert.Equal(HttpStatusCode.NotFound, (await _gateway.Admin.SendAsync(HttpMethod.Get, $"calls/{id}", null)).Status);

    [Fact]
    public async Task Tags_that_are_not_right_are_refused_before_anything_is_used()
    {
        using var client = _gateway.Client();
        using var request = Request("Team=search");

        using var answer = await client.SendAsync(request);

        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
        Assert.Equal((HttpStatusCode.BadRequest, "sluice-tags"), (answer.StatusCode, Text(error, "param")));
    }

    private static HttpRequestMessage Request(string? tags)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = Gateway.Json("""{"model":"sandbox","max_tokens":5,"messages":[{"role":"user","content":"Hello"}]}"""),
        };
        if (tags is not null)
        {
            request.Headers.Add("sluice-tags", tags);
        }

        return request;
    }

    private static async Task<string> AskAsync(HttpClient client, string? tags)
    {
        using var request = Request(tags);
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer.Headers.GetValues("sluice-request-id").Single();
    }

    private static IEnumerable<string?> Requests(JsonElement page) => page.GetProperty("items").EnumerateArray().Select(item => Text(item, "request"));

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private Task<JsonElement> GetAsync(string path) => _gateway.Admin.GetAsync($"{path}&tenant={_tenant}");

    private async Task<(HttpStatusCode Status, string[] Lines)> TableAsync(string path)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_gateway.Process.Admin, $"/api/v1/{path}"));
        request.Headers.Authorization = new("Bearer", _gateway.AdminKey);
        using var answer = await client.SendAsync(request);
        Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);
        return (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries));
    }
}
