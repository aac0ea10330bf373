using System.Net;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Targets;

/// <summary>What a client sees, what targets are asked and what is charged when targets fail.</summary>
public sealed class FallbackTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"f{Guid.NewGuid():n}"[..12];

    [Theory]
    [InlineData(nameof(Deed.Fail), false, "none", 500)]
    [InlineData(nameof(Deed.Limit), false, "none", 429)]
    [InlineData(nameof(Deed.RefuseKey), false, "none", 401)]
    [InlineData(nameof(Deed.Reset), false, "reserved", 502)]
    [InlineData(nameof(Deed.Fail), true, "none", 500)]
    [InlineData(nameof(Deed.Stall), true, "reserved", 504)]
    [InlineData(nameof(Deed.TellError), true, "none", 502)]
    public async Task An_attempt_that_fails_before_its_first_byte_is_followed_by_the_next_target_and_each_has_its_record(string deed, bool streams, string source, int status)
    {
        await using var first = await Witness.StartAsync(isAnthropic: false, _ => Enum.Parse<Deed>(deed));
        await using var second = await Witness.StartAsync(isAnthropic: true);
        using var client = await ClientAsync(first, second, "timeouts: { firstToken: 300ms }");

        using var answer = await AskAsync(client, streams);
        var body = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("anthropic", body, StringComparison.Ordinal);
        Assert.DoesNotContain("error", body, StringComparison.Ordinal);
        Assert.Equal("2", Assert.Single(answer.Headers.GetValues("sluice-attempts")));
        Assert.Equal($"{_name}-b", Assert.Single(answer.Headers.GetValues("sluice-provider")));
        Assert.Equal((1, 1), (first.Requests, second.Requests));
        var records = await RecordsAsync(2);
        Assert.Equal(
            [(1, $"{_name}-a", source, status), (2, $"{_name}-b", "reported", 200)],
            records.Select(r => (r.Attempt, r.Provider, r.Source, r.Status)));
        Assert.Equal(second.Billed, records[1].Tokens);
        Assert.Equal(source is "none", records[0].Tokens == 0);
    }

    [Fact]
    public async Task A_target_that_cannot_be_reached_is_followed_by_the_next()
    {
        var gone = await Witness.StartAsync(isAnthropic: true);
        await using var second = await Witness.StartAsync(isAnthropic: false);
        using var client = await ClientAsync(gone, second);
        await gone.DisposeAsync();

        using var answer = await AskAsync(client, streams: false);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("none", (await RecordsAsync(2))[0].Source);
    }

    [Fact]
    public async Task Once_a_byte_went_out_nothing_is_tried_again()
    {
        await using var first = await Witness.StartAsync(isAnthropic: false, static _ => Deed.Break);
        await using var second = await Witness.StartAsync(isAnthropic: true);
        using var client = await ClientAsync(first, second);

        using var answer = await AskAsync(client, streams: true);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.Contains("openai ", body, StringComparison.Ordinal);
        Assert.Contains("\"error\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", body, StringComparison.Ordinal);
        Assert.Equal((1, 0), (first.Requests, second.Requests));
    }

    [Fact]
    public async Task What_is_the_clients_own_fault_is_told_by_the_first_target()
    {
        await using var first = await Witness.StartAsync(isAnthropic: false, static _ => Deed.RefuseRequest);
        await using var second = await Witness.StartAsync(isAnthropic: true);
        using var client = await ClientAsync(first, second);

        using var answer = await AskAsync(client, streams: false);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("said by the witness: RefuseRequest", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("sluice-attempts"));
        Assert.Equal(0, second.Requests);
    }

    [Fact]
    public async Task Where_all_fail_the_last_failure_is_told_in_the_callers_dialect()
    {
        await using var first = await Witness.StartAsync(isAnthropic: false, static _ => Deed.Reset);
        await using var second = await Witness.StartAsync(isAnthropic: true, static _ => Deed.Fail);
        using var client = await ClientAsync(first, second);

        using var answer = await AskAsync(client, streams: true);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal("said by the witness: Fail", body.RootElement.GetProperty("error").GetProperty("message").GetString());
        Assert.Equal("2", Assert.Single(answer.Headers.GetValues("sluice-attempts")));
        Assert.Equal((1, 1), (first.Requests, second.Requests));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_that_begins_with_an_error_passes_it_on_where_no_other_target_is_left(bool isAnthropic)
    {
        await using var first = await Witness.StartAsync(isAnthropic, static _ => Deed.TellError);
        await using var second = await Witness.StartAsync(!isAnthropic, static _ => Deed.TellError);
        using var client = await ClientAsync(first, second);

        using var answer = await AskAsync(client, streams: true);
        Assert.Contains("said by the witness: TellError", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((1, 1), (first.Requests, second.Requests));
    }

    [Fact]
    public async Task One_attempt_is_one_attempt()
    {
        await using var first = await Witness.StartAsync(isAnthropic: false, static _ => Deed.Fail);
        await using var second = await Witness.StartAsync(isAnthropic: true);
        using var client = await ClientAsync(first, second, "attempts: 1");

        using var answer = await AskAsync(client, streams: false);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal(0, second.Requests);
    }

    [Fact]
    public async Task A_target_that_answers_429_rests_for_its_retry_after_also_under_the_next_revision()
    {
        await using var first = await Witness.StartAsync(isAnthropic: false, static _ => Deed.Limit);
        await using var second = await Witness.StartAsync(isAnthropic: true);
        using var client = await ClientAsync(first, second);

        for (var i = 0; i < 3; i++)
        {
            using var answer = await AskAsync(client, streams: false);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await _gateway.ApplyAsync(Model("maxOutputTokens: 77"));
        using var after = await AskAsync(client, streams: false);
        Assert.False(after.Headers.Contains("sluice-attempts"));
        Assert.Equal((1, 4), (first.Requests, second.Requests));
    }

    [Fact]
    public async Task A_target_that_fails_again_and_again_is_ejected_and_asked_again_where_no_other_answers()
    {
        await using var first = await Witness.StartAsync(isAnthropic: false, static _ => Deed.Fail);
        await using var second = await Witness.StartAsync(isAnthropic: true, static n => n <= 8 ? Deed.Answer : Deed.Fail);
        using var client = await ClientAsync(first, second);

        for (var i = 0; i < 8; i++)
        {
            using var answer = await AskAsync(client, streams: false);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        // Ejected for five seconds after five failures; the other eight had the second one alone.
        Assert.Equal(5, first.Requests);
        using var failed = await AskAsync(client, streams: false);
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Equal((6, 9), (first.Requests, second.Requests));
    }

    [Fact]
    public async Task Of_several_credentials_the_one_that_is_refused_rests_alone()
    {
        await using var provider = await Witness.StartAsync(isAnthropic: false, static n => n == 1 ? Deed.Limit : n == 2 ? Deed.RefuseKey : Deed.Answer);
        var secrets = string.Join("\n---\n", Enumerable.Range(1, 3).Select(i => $"kind: Secret\nname: {_name}-{i}\nvalue: value-{i}"));
        var bundle = $"""
            {secrets}
            ---
            {provider.Provider(_name, "credentials: [{ secret: " + _name + "-1 }, { secret: " + _name + "-2 }, { secret: " + _name + "-3 }]")}
            ---
            kind: Model
            name: {_name}
            targets: [{"{"} provider: {_name}, model: any {"}"}]
            """;
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, bundle));

        for (var i = 0; i < 3; i++)
        {
            using var answer = await AskAsync(client, streams: false);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        var keys = provider.Keys.ToArray();
        Assert.Equal(3, keys.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(5, keys.Length);
        Assert.Single(keys[2..].Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_request_counts_once_on_budgets_and_limits_of_requests_however_many_attempts_it_takes()
    {
        await using var first = await Witness.StartAsync(isAnthropic: false, static n => n % 2 == 0 ? Deed.Fail : Deed.Reset);
        await using var second = await Witness.StartAsync(isAnthropic: true);
        var budget = $$"""
            kind: Budget
            name: {{_name}}
            subject: tenant/{{_name}}
            amount: { requests: 4 }
            window: { every: month }
            ---
            kind: Limit
            name: {{_name}}
            subject: tenant/{{_name}}
            requests: { per: hour, amount: 4 }
            """;
        using var client = await ClientAsync(first, second, "", budget);
        for (var i = 0; i < 4; i++)
        {
            using var answer = await AskAsync(client, streams: false);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        using var refused = await AskAsync(client, streams: false);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        await Eventually.TrueAsync(async () => (await AttemptRow.SpentAsync(_gateway.Admin, _name)) == 4, "four requests are charged as four");
    }

    private async Task<HttpClient> ClientAsync(Witness first, Witness second, string more = "", params string[] others) => _gateway.Client(await OwnModel.ApplyAsync(
        _gateway, _name, [first.Provider($"{_name}-a"), second.Provider($"{_name}-b"), Model(more), .. others]));

    private string Model(string more) => $$"""
        kind: Model
        name: {{_name}}
        strategy: priority
        targets:
          - { provider: {{_name}}-a, model: one, priority: 1 }
          - { provider: {{_name}}-b, model: two, priority: 2 }
        {{more}}
        """;

    private Task<HttpResponseMessage> AskAsync(HttpClient client, bool streams) => client.PostAsync("/v1/chat/completions", Gateway.Json(
        $$"""{"model":"{{_name}}","max_tokens":50,"stream":{{(streams ? "true" : "false")}},"messages":[{"role":"user","content":"Hello"}]}"""));

    private Task<AttemptRow[]> RecordsAsync(int count) => AttemptRow.ReadAsync(_gateway.Admin, _name, count);
}
