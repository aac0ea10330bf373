using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Targets;

/// <summary>A second target is asked beside the first, and one of them answers.</summary>
public sealed class HedgeTests(SharedGateway shared)
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(20);
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"h{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task Where_the_first_does_not_begin_the_second_answers_and_the_first_is_ended_and_settled()
    {
        await using var first = await Witness.StartAsync(isAnthropic: false, begins: Slow);
        await using var second = await Witness.StartAsync(isAnthropic: true, takes: TimeSpan.FromMilliseconds(50));
        using var client = await ClientAsync(first, second, "100ms");

        using var answer = await AskAsync(client);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.Equal((HttpStatusCode.OK, $"{_name}-b", "2"), (answer.StatusCode, Assert.Single(answer.Headers.GetValues("sluice-provider")), Assert.Single(answer.Headers.GetValues("sluice-attempts"))));
        Assert.DoesNotContain("error", body, StringComparison.Ordinal);
        Assert.EndsWith("[DONE]", body.TrimEnd(), StringComparison.Ordinal);

        var rows = await AttemptRow.ReadAsync(_gateway.Admin, _name, 2);
        Assert.Equal([($"{_name}-a", "reserved", 499), ($"{_name}-b", "reported", 200)], rows.Select(r => (r.Provider, r.Source, r.Status)));
        Assert.Equal(second.Billed, rows[1].Tokens);
        await Eventually.TrueAsync(() => Task.FromResult(first.Left == 1), "the slower one is left at once");
        await Eventually.TrueAsync(async () => await AttemptRow.SpentAsync(_gateway.Admin, _name) == rows.Sum(r => r.Tokens), "the budget is charged what the records say");
        await Eventually.TrueAsync(async () => await AttemptRow.SpentAsync(_gateway.Admin, $"{_name}-requests") == 1, "it is one request");
    }

    [Fact]
    public async Task A_whole_answer_is_asked_of_a_second_where_that_is_declared_and_both_are_recorded()
    {
        await using var first = await Witness.StartAsync(isAnthropic: false, begins: Slow);
        await using var second = await Witness.StartAsync(isAnthropic: true);
        using var client = await ClientAsync(first, second, "50ms, wholeAfter: 100ms", firstToken: "20s");

        using var answer = await AskAsync(client, "false");
        Assert.Equal((HttpStatusCode.OK, $"{_name}-b", "2"), (answer.StatusCode, Assert.Single(answer.Headers.GetValues("sluice-provider")), Assert.Single(answer.Headers.GetValues("sluice-attempts"))));
        Assert.Contains("anthropic", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var rows = await AttemptRow.ReadAsync(_gateway.Admin, _name, 2);
        Assert.Equal([($"{_name}-a", "reserved", 499), ($"{_name}-b", "reported", 200)], rows.Select(r => (r.Provider, r.Source, r.Status)));
        Assert.Equal(second.Billed, rows[1].Tokens);
        await Eventually.TrueAsync(() => Task.FromResult(first.Left == 1), "the slower one is left at once");
        await Eventually.TrueAsync(async () => await AttemptRow.SpentAsync(_gateway.Admin, _name) == rows.Sum(r => r.Tokens), "the budget is charged what the records say");
        await Eventually.TrueAsync(async () => await AttemptRow.SpentAsync(_gateway.Admin, $"{_name}-requests") == 1, "it is one request");
    }

    [Theory]
    [InlineData("50ms", nameof(Deed.Answer), 0)]
    [InlineData("10s, wholeAfter: 50ms", nameof(Deed.Fail), 1)]
    [InlineData("10s, wholeAfter: 50ms", nameof(Deed.Reset), 1)]
    public async Task A_whole_answer_comes_from_the_first_where_the_second_is_not_asked_or_fails(string after, string deed, int asked)
    {
        await using var first = await Witness.StartAsync(isAnthropic: false, begins: TimeSpan.FromMilliseconds(200));
        await using var second = await Witness.StartAsync(isAnthropic: true, _ => Enum.Parse<Deed>(deed));
        using var client = await ClientAsync(first, second, after);

        using var answer = await AskAsync(client, "false");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("openai", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((1, asked), (first.Requests, second.Requests));
    }

    [Fact]
    public async Task A_first_that_begins_in_time_is_asked_alone()
    {
        await using var first = await Witness.StartAsync(isAnthropic: false);
        await using var second = await Witness.StartAsync(isAnthropic: true);
        using var client = await ClientAsync(first, second, "10s");

        for (var i = 0; i < 5; i++)
        {
            using var answer = await AskAsync(client);
            Assert.Contains("openai", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.False(answer.Headers.Contains("sluice-attempts"));
        }

        Assert.Equal((5, 0), (first.Requests, second.Requests));
    }

    [Fact]
    public async Task The_first_may_win_though_a_second_was_asked()
    {
        await using var first = await Witness.StartAsync(isAnthropic: false, begins: TimeSpan.FromMilliseconds(400));
        await using var second = await Witness.StartAsync(isAnthropic: true, begins: Slow);
        using var client = await ClientAsync(first, second, "50ms");

        using var answer = await AskAsync(client);
        Assert.Contains("openai", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var rows = await AttemptRow.ReadAsync(_gateway.Admin, _name, 2);
        Assert.Equal([($"{_name}-a", "reported", 200), ($"{_name}-b", "reserved", 499)], rows.Select(r => (r.Provider, r.Source, r.Status)));
        Assert.Equal(first.Billed, rows[0].Tokens);
        await Eventually.TrueAsync(() => Task.FromResult(second.Left == 1), "the slower one is left at once");
    }

    [Theory]
    [InlineData(nameof(Deed.Fail))]
    [InlineData(nameof(Deed.Reset))]
    [InlineData(nameof(Deed.Stall))]
    public async Task A_second_that_fails_leaves_the_first_to_answer(string deed)
    {
        await using var first = await Witness.StartAsync(isAnthropic: false, begins: TimeSpan.FromMilliseconds(300));
        await using var second = await Witness.StartAsync(isAnthropic: true, _ => Enum.Parse<Deed>(deed));
        using var client = await ClientAsync(first, second, "50ms");

        using var answer = await AskAsync(client);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("openai", body, StringComparison.Ordinal);
        Assert.DoesNotContain("error", body, StringComparison.Ordinal);
        Assert.Equal((1, 1), (first.Requests, second.Requests));
    }

    [Fact]
    public async Task Where_both_fail_the_third_is_asked_and_where_there_is_none_the_failure_is_told()
    {
        await using var first = await Witness.StartAsync(isAnthropic: false, static _ => Deed.Stall);
        await using var second = await Witness.StartAsync(isAnthropic: true, static n => n == 1 ? Deed.Fail : Deed.Reset);
        await using var third = await Witness.StartAsync(isAnthropic: false, static n => n == 1 ? Deed.Answer : Deed.RefuseKey);
        using var client = await ClientAsync(first, second, "50ms", third, firstToken: "300ms");

        using var answer = await AskAsync(client);
        Assert.Equal((HttpStatusCode.OK, "3"), (answer.StatusCode, Assert.Single(answer.Headers.GetValues("sluice-attempts"))));
        using var failed = await AskAsync(client);
        Assert.Equal(HttpStatusCode.Unauthorized, failed.StatusCode);
        Assert.Equal((2, 2, 2), (first.Requests, second.Requests, third.Requests));
        Assert.Equal(6, (await AttemptRow.ReadAsync(_gateway.Admin, _name, 6)).Length);
    }

    [Fact]
    public async Task Many_at_once_get_one_whole_answer_each_and_are_charged_what_was_billed()
    {
        await using var first = await Witness.StartAsync(isAnthropic: false, begins: TimeSpan.FromMilliseconds(30));
        await using var second = await Witness.StartAsync(isAnthropic: true, begins: TimeSpan.FromMilliseconds(1));
        using var client = await ClientAsync(first, second, "25ms");

        await Parallel.ForAsync(0, 100, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, cancellation) =>
        {
            using var answer = await AskAsync(client);
            var body = await answer.Content.ReadAsStringAsync(cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.True(body.Contains("openai", StringComparison.Ordinal) ^ body.Contains("anthropic", StringComparison.Ordinal), body);
            Assert.EndsWith("[DONE]", body.TrimEnd(), StringComparison.Ordinal);
        });

        // An attempt that was ended before it was sent has a record that no witness knows of.
        var rows = Array.Empty<AttemptRow>();
        await Eventually.TrueAsync(async () => (rows = await AttemptRow.ReadAsync(_gateway.Admin, _name, 100)).Count(r => r is { Status: 200, Source: "reported" }) == 100, "each has an answer that is recorded");
        Assert.All(rows.Where(r => r.Status != 200), r => Assert.True(r is { Status: 499, Source: "reserved" or "none" }, r.ToString()));
        await Eventually.TrueAsync(
            async () => await AttemptRow.SpentAsync(_gateway.Admin, _name) == (await AttemptRow.ReadAsync(_gateway.Admin, _name, 100)).Sum(r => r.Tokens), "the budget is charged what the records say");
        await Eventually.TrueAsync(async () => await AttemptRow.SpentAsync(_gateway.Admin, $"{_name}-requests") == 100, "each is one request");
    }

    private async Task<HttpClient> ClientAsync(Witness first, Witness second, string after, Witness? third = null, string firstToken = "2s")
    {
        var model = $$"""
            kind: Model
            name: {{_name}}
            strategy: priority
            hedge: { after: {{after}} }
            timeouts: { firstToken: {{firstToken}} }
            targets:
              - { provider: {{_name}}-a, model: one, priority: 1 }
              - { provider: {{_name}}-b, model: two, priority: 2 }
            {{(third is null ? "" : $"  - {{ provider: {_name}-c, model: three, priority: 3 }}")}}
            """;
        var requests = $$"""
            kind: Budget
            name: {{_name}}-requests
            subject: tenant/{{_name}}
            amount: { requests: 100000 }
            window: { every: month }
            """;
        return _gateway.Client(await OwnModel.ApplyAsync(
            _gateway,
            _name,
            [first.Provider($"{_name}-a"), second.Provider($"{_name}-b"), .. third is null ? Array.Empty<string>() : [third.Provider($"{_name}-c")], model, OwnModel.Budget(_name, 10_000_000), requests]));
    }

    private Task<HttpResponseMessage> AskAsync(HttpClient client, string stream = "true") => client.PostAsync("/v1/chat/completions", Gateway.Json(
        $$"""{"model":"{{_name}}","max_tokens":50,"stream":{{stream}},"messages":[{"role":"user","content":"Hello"}]}"""));
}
