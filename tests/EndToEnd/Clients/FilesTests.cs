using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Files that a provider keeps: each tenant reaches its own, by ids of its own, though all share the provider's account.</summary>
public sealed class FilesTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"k{Guid.NewGuid():n}"[..12];

    private PassedModel Own => new(_gateway, _name);

    [Fact]
    public async Task A_file_is_kept_read_listed_and_deleted_under_an_id_of_the_tenants()
    {
        var kept = new FileProvider();
        await using var upstream = await Upstream.StartAsync(kept.AnswerAsync);
        using var client = await Own.ClientAsync(upstream, "any");
        var bytes = new byte[2 * 1024 * 1024];
        new Random(3).NextBytes(bytes);

        var file = await UploadAsync(client, "a b.bin", bytes, "user_data");
        var id = file.GetProperty("id").GetString()!;

        Assert.StartsWith("file-sluice.", id, StringComparison.Ordinal);
        Assert.Equal(("a b.bin", bytes.Length, "user_data"), (file.GetProperty("filename").GetString(), file.GetProperty("bytes").GetInt32(), file.GetProperty("purpose").GetString()));
        var place = Assert.Single(kept.Files.Keys);
        Assert.DoesNotContain(place, file.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(id, (await JsonAsync(await client.GetAsync($"/v1/files/{id}"))).GetProperty("id").GetString());
        using (var content = await client.GetAsync($"/v1/files/{id}/content"))
        {
            Assert.Equal(bytes, await content.Content.ReadAsByteArrayAsync());
            Assert.Equal("application/octet-stream", content.Content.Headers.ContentType?.MediaType);
        }

        Assert.Equal(id, Assert.Single((await ListAsync(client)).GetProperty("data").EnumerateArray()).GetProperty("id").GetString());
        using (var deleted = await client.DeleteAsync($"/v1/files/{id}"))
        {
            Assert.Equal((id, true), (await JsonAsync(deleted)) is var gone ? (gone.GetProperty("id").GetString(), gone.GetProperty("deleted").GetBoolean()) : default);
        }

        Assert.Empty(kept.Files);
        Assert.Empty((await ListAsync(client)).GetProperty("data").EnumerateArray());
        await RefusedAsync(client, HttpMethod.Get, $"/v1/files/{id}", id);
    }

    [Fact]
    public async Task What_is_another_tenants_or_invented_is_not_there_in_the_same_words()
    {
        var kept = new FileProvider();
        await using var upstream = await Upstream.StartAsync(kept.AnswerAsync);
        using var client = await Own.ClientAsync(upstream, "any");
        using var other = _gateway.Client((await _gateway.Admin.CreateTenantAsync($"{_name}-o")).Key);
        var id = (await UploadAsync(client, "a", [1, 2, 3], "user_data")).GetProperty("id").GetString()!;
        var asked = upstream.Requests.Count;
        var altered = id[..^6] + (id[^6] == 'A' ? 'B' : 'A') + id[^5..];

        foreach (var (asker, named) in new[] { (other, id), (client, altered), (client, kept.Files.Keys.Single()), (client, "file-unknown") })
        {
            await RefusedAsync(asker, HttpMethod.Get, $"/v1/files/{named}", named);
            await RefusedAsync(asker, HttpMethod.Get, $"/v1/files/{named}/content", named);
            await RefusedAsync(asker, HttpMethod.Delete, $"/v1/files/{named}", named);
        }

        var place = kept.Files.Keys.Single();
        foreach (var (asker, named, body) in new[]
        {
            (other, id, Ask(_name, id)), (client, place, Ask(_name, place)), (client, place, Ask(_name, place).Replace("file_id", "file\\u005fid", StringComparison.Ordinal)),
            (client, place, Ask(_name, place).Replace("file_id", "\\u0066ile_id", StringComparison.Ordinal)),
        })
        {
            using var chat = await asker.PostAsync("/v1/chat/completions", Gateway.Json(body));
            Assert.Equal($"No such File object: {named}", (await PassedModel.ErrorAsync(chat, HttpStatusCode.NotFound)).GetProperty("message").GetString());
        }

        Assert.Empty((await ListAsync(other)).GetProperty("data").EnumerateArray());
        Assert.Equal(asked, upstream.Requests.Count);
        Assert.Single(kept.Files);
    }

    [Fact]
    public async Task A_request_that_names_a_file_goes_to_who_keeps_it_under_the_providers_own_id()
    {
        var kept = new FileProvider();
        await using var upstream = await Upstream.StartAsync(kept.AnswerAsync);
        await using var beside = await OwnModel.StartAsync();
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle($"{_name}-b", beside), OwnModel.Bundle(_name, upstream), $$"""
            kind: Model
            name: {{_name}}-two
            strategy: priority
            contextTokens: 1000
            targets: [{ provider: {{_name}}-b, model: b }, { provider: {{_name}}, model: a, priority: 2 }]
            """));
        client.DefaultRequestHeaders.Add("sluice-model", _name);
        var id = (await UploadAsync(client, "a", [1], "user_data")).GetProperty("id").GetString()!;

        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json(Ask($"{_name}-two", id)));
        using var elsewhere = await client.PostAsync("/v1/chat/completions", Gateway.Json(Ask($"{_name}-b", id)));

        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        Assert.Equal(Ask("a", kept.Files.Keys.Single()), Encoding.UTF8.GetString(upstream.Requests.Last().Body));
        Assert.Empty(beside.Requests);
        var error = await PassedModel.ErrorAsync(elsewhere, HttpStatusCode.BadRequest);
        Assert.Contains($"'{_name}' keeps", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_keeps_a_file_is_the_named_models_provider_or_the_only_one_that_can_be_meant()
    {
        var kept = new FileProvider();
        await using var upstream = await Upstream.StartAsync(kept.AnswerAsync);
        var key = await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream), OwnModel.Bundle($"{_name}-a", upstream, dialect: "anthropic"));
        using var client = _gateway.Client(key);
        using var form = Form("a", [1], "user_data");

        using var unnamed = await client.PostAsync("/v1/files", form);
        using var wrong = await client.PostAsync($"/v1/files?model={_name}-a", Form("a", [1], "user_data"));
        using var missing = await client.PostAsync($"/v1/files?model={_name}-c", Form("a", [1], "user_data"));
        using var named = await client.PostAsync($"/v1/files?model={_name}", Form("a", [1], "user_data"));

        Assert.Contains("'sluice-model'", (await PassedModel.ErrorAsync(unnamed, HttpStatusCode.BadRequest)).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("dialect openai", (await PassedModel.ErrorAsync(wrong, HttpStatusCode.BadRequest)).GetProperty("message").GetString(), StringComparison.Ordinal);
        await PassedModel.ErrorAsync(missing, HttpStatusCode.NotFound);
        Assert.True(named.IsSuccessStatusCode);
        Assert.Single(kept.Files);
    }

    [Fact]
    public async Task The_list_is_paged_in_both_orders_and_by_purpose()
    {
        var kept = new FileProvider();
        await using var upstream = await Upstream.StartAsync(kept.AnswerAsync);
        using var client = await Own.ClientAsync(upstream, "any");
        client.DefaultRequestHeaders.Add("sluice-model", _name);
        var ids = new List<string>();
        foreach (var purpose in new[] { "user_data", "vision", "user_data" })
        {
            ids.Add((await UploadAsync(client, "a", [1], purpose)).GetProperty("id").GetString()!);
        }

        var first = await ListAsync(client, "?limit=2");
        var second = await ListAsync(client, $"?limit=2&after={first.GetProperty("last_id").GetString()}");

        Assert.Equal([ids[2], ids[1]], Ids(first));
        Assert.Equal([ids[0]], Ids(second));
        Assert.Equal((true, false), (first.GetProperty("has_more").GetBoolean(), second.GetProperty("has_more").GetBoolean()));
        Assert.Equal([ids[0], ids[2]], Ids(await ListAsync(client, "?order=asc&purpose=user_data")));
        foreach (var (query, field) in new[] { ("?limit=0", "limit"), ("?order=up", "order"), ("?after=file-x", "after") })
        {
            using var refused = await client.GetAsync($"/v1/files{query}");
            Assert.Equal(field, (await PassedModel.ErrorAsync(refused, HttpStatusCode.BadRequest)).GetProperty("param").GetString());
        }
    }

    [Fact]
    public async Task Calls_count_as_requests_of_the_model_and_what_the_provider_has_lost_is_not_listed_any_more()
    {
        var kept = new FileProvider();
        await using var upstream = await Upstream.StartAsync(kept.AnswerAsync);
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream), $$"""
            kind: Budget
            name: {{_name}}
            subject: tenant/{{_name}}
            amount: { requests: 3 }
            window: { every: month }
            """));
        var id = (await UploadAsync(client, "a", [1], "user_data")).GetProperty("id").GetString()!;
        await JsonAsync(await client.GetAsync($"/v1/files/{id}"));
        kept.Files.Clear();

        await RefusedAsync(client, HttpMethod.Get, $"/v1/files/{id}", id);
        using var refused = await client.GetAsync($"/v1/files/{id}");

        Assert.Empty((await ListAsync(client)).GetProperty("data").EnumerateArray());
        Assert.Equal("insufficient_quota", (await PassedModel.ErrorAsync(refused, HttpStatusCode.TooManyRequests)).GetProperty("code").GetString());
        Assert.Equal(3, upstream.Requests.Count);
        Assert.Equal(0, (await _gateway.Admin.UsageAsync(_name, 3)).InputTokens);
    }

    [Fact]
    public async Task A_provider_that_fails_is_told_as_such_with_the_clients_own_id()
    {
        var kept = new FileProvider();
        var fails = false;
        var upstream = await Upstream.StartAsync((http, request) =>
        {
            if (!fails)
            {
                return kept.AnswerAsync(http, request);
            }

            http.Response.StatusCode = 500;
            return http.Response.WriteAsync($"{request.Target} cannot be read", http.RequestAborted);
        });
        using var client = await Own.ClientAsync(upstream, "any");
        var id = (await UploadAsync(client, "a", [1], "user_data")).GetProperty("id").GetString()!;
        fails = true;

        using var failed = await client.GetAsync($"/v1/files/{id}");
        await upstream.DisposeAsync();
        using var gone = await client.GetAsync($"/v1/files/{id}/content");
        using var unsent = await client.PostAsync($"/v1/files?model={_name}", Form("a", new byte[1_000_000], "user_data"));

        Assert.Equal((HttpStatusCode.InternalServerError, $"/v1/files/{id} cannot be read"), (failed.StatusCode, await failed.Content.ReadAsStringAsync()));
        await PassedModel.ErrorAsync(gone, HttpStatusCode.BadGateway);
        await PassedModel.ErrorAsync(unsent, HttpStatusCode.BadGateway);
        Assert.Single((await ListAsync(client)).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task Other_methods_and_bodies_are_refused()
    {
        await using var upstream = await OwnModel.StartAsync();
        using var client = await Own.ClientAsync(upstream, "any");

        using var put = await client.PutAsync("/v1/files", Gateway.Json("{}"));
        using var json = await client.PostAsync($"/v1/files?model={_name}", Gateway.Json("{}"));

        Assert.Equal(["GET", "POST"], put.Content.Headers.Allow);
        await PassedModel.ErrorAsync(json, HttpStatusCode.UnsupportedMediaType);
        Assert.Empty(upstream.Requests);
    }

    private static string Ask(string model, string file) => $$$"""{"model":"{{{model}}}","messages":[{"role":"user","content":[{"type":"text","text":"file-sluice.x"},{"type":"file","file":{"file_id":"{{{file}}}"}}]}]}""";

    private static IEnumerable<string?> Ids(JsonElement list) => list.GetProperty("data").EnumerateArray().Select(f => f.GetProperty("id").GetString());

    private static MultipartFormDataContent Form(string name, byte[] bytes, string purpose) => new() { { new StringContent(purpose), "purpose" }, { new ByteArrayContent(bytes), "file", name } };

    private async Task<JsonElement> UploadAsync(HttpClient client, string name, byte[] bytes, string purpose)
    {
        using var form = Form(name, bytes, purpose);
        using var answer = await client.PostAsync($"/v1/files?model={_name}", form);
        return await JsonAsync(answer);
    }

    private static async Task<JsonElement> ListAsync(HttpClient client, string query = "")
    {
        using var answer = await client.GetAsync($"/v1/files{query}");
        return await JsonAsync(answer);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, body);
        return JsonSerializer.Deserialize<JsonElement>(body);
    }

    private static async Task RefusedAsync(HttpClient client, HttpMethod method, string path, string id)
    {
        using var request = new HttpRequestMessage(method, path);
        using var answer = await client.SendAsync(request);
        Assert.Equal($$$"""{"error":{"message":"No such File object: {{{id}}}","type":"invalid_request_error","param":"id","code":"file_not_found"}}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }
}
