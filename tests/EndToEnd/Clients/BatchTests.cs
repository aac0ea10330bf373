using System.Net;
using System.Text;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Batches that a provider works off: held in every budget while they are under way, and charged once by what their answers tell.</summary>
public sealed class BatchTests(BatchTests.Looking looking) : IClassFixture<BatchTests.Looking>
{
    private readonly Gateway _gateway = looking.Gateway;
    private readonly string _name = $"b{Guid.NewGuid():n}"[..12];
    private readonly BatchProvider _provider = new();

    [Fact]
    public async Task A_batch_is_asked_for_under_the_providers_names_and_read_listed_and_cancelled_under_the_tenants()
    {
        await using var upstream = await Upstream.StartAsync(_provider.AnswerAsync);
        using var client = await ClientAsync(upstream);
        var file = await UploadAsync(client, Lines(2, ""));

        var made = await CreateAsync(client, file, ""","metadata":{"a":"b"}""");
        var id = made.GetProperty("id").GetString()!;
        var read = await JsonAsync(await client.GetAsync($"/v1/batches/{id}"));
        var cancelled = await JsonAsync(await client.PostAsync($"/v1/batches/{id}/cancel", Gateway.Json("{}")));
        var list = await JsonAsync(await client.GetAsync("/v1/batches?limit=1"));

        Assert.StartsWith("batch_sluice.", id, StringComparison.Ordinal);
        Assert.All([made, read, cancelled], batch => Assert.Equal((id, file), (batch.GetProperty("id").GetString(), batch.GetProperty("input_file_id").GetString())));
        Assert.Equal("b", read.GetProperty("metadata").GetProperty("a").GetString());
        Assert.Equal("cancelling", cancelled.GetProperty("status").GetString());
        Assert.Equal((id, "cancelling", false), (list.GetProperty("first_id").GetString(), list.GetProperty("data")[0].GetProperty("status").GetString(), list.GetProperty("has_more").GetBoolean()));
        Assert.All(_provider.Input, line => Assert.Equal(("any", 100), ((string?)line["body"]!["model"], (int?)line["body"]!["max_tokens"])));
        Assert.Equal(["0", "1"], _provider.Input.Select(line => (string?)line["custom_id"]));
    }

    [Fact]
    public async Task A_batch_that_nobody_asks_for_again_is_charged_once_by_its_answers_at_the_batch_price()
    {
        await using var upstream = await Upstream.StartAsync(_provider.AnswerAsync);
        using var client = await ClientAsync(upstream);
        await CreateAsync(client, await UploadAsync(client, Lines(3, "")));
        var held = await _gateway.Admin.GetAsync($"budgets/{_name}/status");

        _provider.End("completed", $"{BatchProvider.Line("0", 7, 3)}\n{BatchProvider.Line("1", 20, 10)}\n");
        var usage = await _gateway.Admin.UsageAsync(_name, 3);
        await Eventually.TrueAsync(async () => Posted(await _gateway.Admin.GetAsync($"budgets/{_name}/status")) == 40, "The batch is not posted.");

        Assert.InRange(Held(held), 300, 2_000);
        Assert.Equal((27, 13), (usage.InputTokens, usage.OutputTokens));
        Assert.Equal("0.0000265", usage.Cost);
        Assert.True((await _gateway.Admin.GetAsync($"budgets/{_name}/check")).GetProperty("proven").GetBoolean());
        Assert.Single(_provider.Files, f => !f.Value.Json.Contains("\"purpose\"", StringComparison.Ordinal));
        Assert.Single(_provider.Files, f => f.Value.Json.Contains("\"purpose\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_answers_are_read_by_an_id_of_the_tenants_and_another_tenant_reaches_nothing()
    {
        await using var upstream = await Upstream.StartAsync(_provider.AnswerAsync);
        using var client = await ClientAsync(upstream);
        using var other = _gateway.Client((await _gateway.Admin.CreateTenantAsync($"{_name}o")).Key);
        var file = await UploadAsync(client, Lines(1, ""));
        var id = (await CreateAsync(client, file)).GetProperty("id").GetString()!;
        _provider.End("completed", BatchProvider.Line("0", 1, 1));

        var output = (await JsonAsync(await client.GetAsync($"/v1/batches/{id}"))).GetProperty("output_file_id").GetString()!;
        using var content = await client.GetAsync($"/v1/files/{output}/content");
        using var foreign = await other.GetAsync($"/v1/batches/{id}");
        using var taken = await other.PostAsync("/v1/batches", Gateway.Json(Order(file)));

        Assert.Equal(BatchProvider.Line("0", 1, 1), await content.Content.ReadAsStringAsync());
        Assert.Equal("batch_not_found", (await PassedModel.ErrorAsync(foreign, HttpStatusCode.NotFound)).GetProperty("code").GetString());
        Assert.Equal("file_not_found", (await PassedModel.ErrorAsync(taken, HttpStatusCode.NotFound)).GetProperty("code").GetString());
        Assert.Empty((await JsonAsync(await other.GetAsync("/v1/batches"))).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task What_a_budget_does_not_cover_or_a_provider_refuses_is_not_held_and_what_is_wrong_is_told_with_its_line()
    {
        await using var upstream = await Upstream.StartAsync(_provider.AnswerAsync);
        using var client = await ClientAsync(upstream);
        var dear = await UploadAsync(client, Lines(2, ""","max_tokens":9000"""));
        var wrong = await UploadAsync(client, $"{Lines(1, "")}{Lines(1, ""","stream":true""")}");
        var fine = await UploadAsync(client, Lines(1, ""));

        using var spent = await client.PostAsync("/v1/batches", Gateway.Json(Order(dear)));
        using var streamed = await client.PostAsync("/v1/batches", Gateway.Json(Order(wrong)));
        using var elsewhere = await client.PostAsync("/v1/batches", Gateway.Json($$"""{"input_file_id":"{{fine}}","endpoint":"/v1/images/generations","completion_window":"24h"}"""));
        _provider.RefusesWith = 400;
        using var refused = await client.PostAsync("/v1/batches", Gateway.Json(Order(fine)));

        var told = await PassedModel.ErrorAsync(spent, HttpStatusCode.TooManyRequests);
        Assert.Equal("insufficient_quota", told.GetProperty("code").GetString());
        Assert.Contains("Line 2 of the file", (await PassedModel.ErrorAsync(streamed, HttpStatusCode.BadRequest)).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("endpoint", (await PassedModel.ErrorAsync(elsewhere, HttpStatusCode.BadRequest)).GetProperty("param").GetString());
        Assert.Contains(fine, (await PassedModel.ErrorAsync(refused, HttpStatusCode.BadRequest)).GetProperty("message").GetString(), StringComparison.Ordinal);
        await Eventually.TrueAsync(
            async () => await _gateway.Admin.GetAsync($"budgets/{_name}/status") is var status && Held(status) + Posted(status) == 0 && _provider.Files.Count == 3,
            "Something is held.");
        Assert.Empty(_provider.Batches);
    }

    private static long Posted(JsonElement status) => status.GetProperty("posted").GetInt64();

    [Fact]
    public async Task A_batch_that_was_begun_though_its_answer_was_lost_is_found_and_charged()
    {
        await using var upstream = await Upstream.StartAsync(_provider.AnswerAsync);
        using var client = await ClientAsync(upstream);
        var file = await UploadAsync(client, Lines(1, ""));
        _provider.LosesAnswers = true;

        using var lost = await client.PostAsync("/v1/batches", Gateway.Json(Order(file)));
        await Eventually.TrueAsync(async () => (await JsonAsync(await client.GetAsync("/v1/batches"))).GetProperty("data").GetArrayLength() == 1, "It is not listed.");
        _provider.End("expired", BatchProvider.Line("0", 5, 6));
        await Eventually.TrueAsync(async () => await _gateway.Admin.GetAsync($"budgets/{_name}/status") is var status && Posted(status) == 11 && Held(status) == 0, "It is not charged.");

        Assert.Equal(HttpStatusCode.InternalServerError, lost.StatusCode);
        Assert.Single(_provider.Batches);
    }

    [Fact]
    public async Task Where_the_answers_are_gone_before_they_were_counted_all_that_was_held_counts()
    {
        await using var upstream = await Upstream.StartAsync(_provider.AnswerAsync);
        using var client = await ClientAsync(upstream);
        await CreateAsync(client, await UploadAsync(client, Lines(2, "")));
        var held = await Eventually.GetAsync(async () => Held(await _gateway.Admin.GetAsync($"budgets/{_name}/status")) is > 200 and var amount ? $"{amount}" : null, "What both can use is held.");

        _provider.End("completed", null);
        _provider.Batches.Values.Single()["output_file_id"] = "file-that-was-deleted";
        await Eventually.TrueAsync(async () => await _gateway.Admin.GetAsync($"budgets/{_name}/status") is var status && string.Equals($"{Posted(status)}", held, StringComparison.Ordinal) && Held(status) == 0, "All of it is charged.");
        Assert.Equal("reserved", (await _gateway.Admin.GetAsync($"attempts?tenant={_name}")).GetProperty("items").EnumerateArray().First(a => a.GetProperty("source").GetString() is not "none").GetProperty("source").GetString());
    }

    [Theory]
    [InlineData("/v1/moderations", """{"input":["Hello","there"],"model":"MODEL"}""", """{"input":["Hello","there"],"model":"any"}""")]
    [InlineData("/v1/completions", """{"model":"MODEL","prompt":"Hello","max_tokens":5}""", """{"model":"any","prompt":"Hello","max_tokens":5}""")]
    public async Task Moderations_and_completions_are_asked_for_under_the_providers_name(string endpoint, string body, string sent)
    {
        await using var upstream = await Upstream.StartAsync(_provider.AnswerAsync);
        using var client = await ClientAsync(upstream);
        var file = await UploadAsync(client, $$"""{"custom_id":"0","method":"POST","url":"{{endpoint}}","body":{{body.Replace("MODEL", _name, StringComparison.Ordinal)}}}""" + "\n");
        using var answer = await client.PostAsync("/v1/batches", Gateway.Json($$"""{"input_file_id":"{{file}}","endpoint":"{{endpoint}}","completion_window":"24h"}"""));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(sent, Assert.Single(_provider.Input)["body"]!.ToJsonString());
    }

    // No edge has it, and none is in doubt.
    private static long Held(JsonElement status) => status.GetProperty("leases").EnumerateArray().Where(l => l.GetProperty("edge").GetString()!.StartsWith("deferred-", StringComparison.Ordinal) && !l.GetProperty("inDoubt").GetBoolean()).Sum(l => l.GetProperty("amount").GetInt64());

    private static string Order(string file, string more = "") => $$"""{"input_file_id":"{{file}}","endpoint":"/v1/chat/completions","completion_window":"24h"{{more}}}""";

    private string Lines(int count, string more) => string.Concat(Enumerable.Range(0, count).Select(i =>
        $$$$"""{"custom_id":"{{{{i}}}}","method":"POST","url":"/v1/chat/completions","body":{"model":"{{{{_name}}}}","messages":[{"role":"user","content":"Hello"}]{{{{more}}}}}}""" + "\n"));

    private async Task<HttpClient> ClientAsync(Upstream upstream) => _gateway.Client(await OwnModel.ApplyAsync(
        _gateway,
        _name,
        $$"""
        {{OwnModel.Bundle(_name, upstream)}}
        maxOutputTokens: 100
        price: { input: "1 USD", output: "2 USD", batchFactor: 500000 }
        """,
        OwnModel.Budget(_name, 10_000)));

    private async Task<string> UploadAsync(HttpClient client, string lines)
    {
        using var form = new MultipartFormDataContent { { new StringContent("batch"), "purpose" }, { new ByteArrayContent(Encoding.UTF8.GetBytes(lines)), "file", "requests.jsonl" } };
        using var answer = await client.PostAsync($"/v1/files?model={_name}", form);
        return (await JsonAsync(answer)).GetProperty("id").GetString()!;
    }

    private static async Task<JsonElement> CreateAsync(HttpClient client, string file, string more = "")
    {
        using var answer = await client.PostAsync("/v1/batches", Gateway.Json(Order(file, more)));
        return await JsonAsync(answer);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, body);
        return JsonSerializer.Deserialize<JsonElement>(body);
    }

    /// <summary>A gateway that looks after batches often.</summary>
    public sealed class Looking : IAsyncLifetime
    {
        public Gateway Gateway { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Gateway = await Gateway.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE__EDGE__DEFERREDLOOK"] = "100ms" });

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
