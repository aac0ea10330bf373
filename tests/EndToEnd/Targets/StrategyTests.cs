using System.Net;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Targets;

/// <summary>Which target serves a request, by what it asks for and who asks.</summary>
public sealed class StrategyTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"y{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_request_goes_to_a_target_that_can_do_what_it_asks_for_or_is_refused_by_name()
    {
        await using var plain = await Witness.StartAsync(isAnthropic: false);
        await using var able = await Witness.StartAsync(isAnthropic: true);
        using var client = await ClientAsync(plain, able, "priority", ", priority: 1, supports: [text], contextTokens: 200", ", priority: 2, supports: [tools], contextTokens: 2000");
        const string Tools = """, "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]""";

        Assert.Equal("a", await ServedByAsync(client, "Hello"));
        Assert.Equal("b", await ServedByAsync(client, "Hello", Tools));
        Assert.Equal("b", await ServedByAsync(client, new string('x', 900)));
        Assert.Contains("takes as many tokens as this request has", await RefusedAsync(client, new string('x', 9_000)), StringComparison.Ordinal);
        Assert.Contains("takes an answer by a JSON schema", await RefusedAsync(client, "Hello", """, "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_target_cannot_be_sent_goes_to_one_that_can()
    {
        await using var anthropic = await Witness.StartAsync(isAnthropic: true);
        await using var openAI = await Witness.StartAsync(isAnthropic: false);
        using var client = await ClientAsync(anthropic, openAI, "priority", ", priority: 1", ", priority: 2");

        Assert.Equal("a", await ServedByAsync(client, "Hello"));
        Assert.Equal("b", await ServedByAsync(client, "Hello", """, "n": 2"""));
        Assert.Equal(1, anthropic.Requests);
    }

    [Fact]
    public async Task The_cheapest_by_the_prices_of_the_revision_serves()
    {
        await using var a = await Witness.StartAsync(isAnthropic: false);
        await using var b = await Witness.StartAsync(isAnthropic: true);
        using var client = await ClientAsync(a, b, "cheapest", more: $"price: {_name}", others: Prices("2.00 USD", "1.00 USD"));

        Assert.Equal("b", await ServedByAsync(client, "Hello"));
        await _gateway.ApplyAsync(Prices("2.00 USD", "3.00 USD"));
        Assert.Equal("a", await ServedByAsync(client, "Hello"));
    }

    [Fact]
    public async Task A_header_keeps_its_senders_on_one_target()
    {
        await using var a = await Witness.StartAsync(isAnthropic: false);
        await using var b = await Witness.StartAsync(isAnthropic: true);
        using var client = await ClientAsync(a, b, "sticky", more: "sticky: { by: header, name: x-session }");

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var session = 0; session < 16; session++)
        {
            client.DefaultRequestHeaders.Remove("x-session");
            client.DefaultRequestHeaders.Add("x-session", $"session-{session}");
            var first = await ServedByAsync(client, "Hello");
            Assert.Equal(first, await ServedByAsync(client, "Hello"));
            seen.Add(first);
        }

        Assert.Equal(2, seen.Count);
    }

    [Fact]
    public async Task All_attempts_together_have_a_time()
    {
        await using var a = await Witness.StartAsync(isAnthropic: false, static _ => Deed.Stall);
        await using var b = await Witness.StartAsync(isAnthropic: true, static _ => Deed.Stall);
        using var client = await ClientAsync(a, b, "priority", more: "timeouts: { firstToken: 300ms, whole: 450ms }");

        using var answer = await AskAsync(client, "Hello", """, "stream": true""");
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Equal((1, 1), (a.Requests, b.Requests));
    }

    [Fact]
    public async Task The_example_of_the_page_answers_by_its_second_target()
    {
        await _gateway.ApplyAsync(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "examples", "targets.yaml")));
        using var client = _gateway.Client();
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json("""{"model": "steady", "messages": [{"role": "user", "content": "Hello"}]}"""));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("sandbox?tokens=8", Assert.Single(answer.Headers.GetValues("sluice-model")));
    }

    private async Task<HttpClient> ClientAsync(Witness a, Witness b, string strategy, string ofA = "", string ofB = "", string more = "", params string[] others) => _gateway.Client(await OwnModel.ApplyAsync(
        _gateway,
        _name,
        [
            a.Provider($"{_name}-a"),
            b.Provider($"{_name}-b"),
            $$"""
            kind: Model
            name: {{_name}}
            strategy: {{strategy}}
            targets: [{ provider: {{_name}}-a, model: one{{ofA}} }, { provider: {{_name}}-b, model: two{{ofB}} }]
            {{more}}
            """,
            .. others,
        ]));

    private string Prices(string one, string two) => $$"""
        kind: Price
        name: {{_name}}
        entries:
          - { model: one, input: "{{one}}", output: "{{one}}" }
          - { model: two, input: "{{two}}", output: "{{two}}" }
        """;

    private Task<HttpResponseMessage> AskAsync(HttpClient client, string text, string more) => client.PostAsync("/v1/chat/completions", Gateway.Json(
        $$"""{"model":"{{_name}}","messages":[{"role":"user","content":"{{text}}"}]{{more}}}"""));

    private async Task<string> ServedByAsync(HttpClient client, string text, string more = "")
    {
        using var answer = await AskAsync(client, text, more);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return Assert.Single(answer.Headers.GetValues("sluice-provider"))[(_name.Length + 1)..];
    }

    private async Task<string> RefusedAsync(HttpClient client, string text, string more = "")
    {
        using var answer = await AskAsync(client, text, more);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        return body.RootElement.GetProperty("error").GetProperty("message").GetString()!;
    }
}
