using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Targets;

/// <summary>What is charged against what providers bill, while targets fail and change.</summary>
public sealed class BillTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"w{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task Two_hundred_requests_whose_targets_fail_in_every_way_are_charged_what_was_billed_and_what_is_in_doubt()
    {
        const int Requests = 200;
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        await using var first = await Witness.StartAsync(isAnthropic: false, Script(seed));
        await using var second = await Witness.StartAsync(isAnthropic: true, Script(seed + 1));
        await using var third = await Witness.StartAsync(isAnthropic: false);
        var model = $$"""
            kind: Model
            name: {{_name}}
            strategy: priority
            targets:
              - { provider: {{_name}}-a, model: one, priority: 1 }
              - { provider: {{_name}}-b, model: two, priority: 2 }
              - { provider: {{_name}}-c, model: three, priority: 3 }
            """;
        using var client = _gateway.Client(await OwnModel.ApplyAsync(
            _gateway, _name, first.Provider($"{_name}-a"), second.Provider($"{_name}-b"), third.Provider($"{_name}-c"), model, OwnModel.Budget(_name, 10_000_000)));

        await Parallel.ForAsync(0, Requests, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancellation) =>
        {
            using var answer = await client.PostAsync("/v1/chat/completions", Request(streams: i % 2 == 0), cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.DoesNotContain("error", await answer.Content.ReadAsStringAsync(cancellation), StringComparison.Ordinal);
        });

        var asked = first.Requests + second.Requests + third.Requests;
        var rows = await AttemptRow.ReadAsync(_gateway.Admin, _name, asked);
        Assert.Equal(asked, rows.Length);
        var byRequest = rows.GroupBy(r => r.Request, StringComparer.Ordinal).ToArray();
        Assert.Equal(Requests, byRequest.Length);
        Assert.All(byRequest, attempts =>
        {
            Assert.Equal(Enumerable.Range(1, attempts.Count()), attempts.Select(a => a.Attempt));
            Assert.Equal("reported", Assert.Single(attempts, a => a.Status == 200).Source);
        });
        foreach (var (provider, witness) in new[] { ("a", first), ("b", second), ("c", third) })
        {
            Assert.Equal(witness.Billed, Tokens(rows, provider));
        }

        Assert.All(rows.Where(r => r.Status != 200), r => Assert.True(r is { Source: "none", Status: 500, Tokens: 0 } or { Source: "reserved", Status: 502, Tokens: > 0 }, r.ToString()));
        await Eventually.TrueAsync(async () => await AttemptRow.SpentAsync(_gateway.Admin, _name) == rows.Sum(r => r.Tokens), "the budget is charged what the records say");
    }

    [Fact]
    public async Task A_model_is_swapped_between_dialects_a_hundred_times_under_streams_and_requests_and_nobody_notices()
    {
        const int Swaps = 100;
        await using var one = await Witness.StartAsync(isAnthropic: false, takes: TimeSpan.FromMilliseconds(30));
        await using var other = await Witness.StartAsync(isAnthropic: true, takes: TimeSpan.FromMilliseconds(30));
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, one.Provider($"{_name}-a"), other.Provider($"{_name}-b"), Model("a"), OwnModel.Budget(_name, 10_000_000)));
        using var swapped = new CancellationTokenSource();
        Task<int>[] loops = [AskAsync(client, streams: true, swapped.Token), AskAsync(client, streams: true, swapped.Token), AskAsync(client, streams: false, swapped.Token)];

        for (var i = 0; i < Swaps; i++)
        {
            await _gateway.ApplyAsync(Model(i % 2 == 0 ? "b" : "a"));
        }

        await swapped.CancelAsync();
        var answers = (await Task.WhenAll(loops)).Sum();
        Assert.InRange(one.Requests, 1, answers - 1);
        Assert.Equal(answers, one.Requests + other.Requests);
        var rows = await AttemptRow.ReadAsync(_gateway.Admin, _name, answers);
        Assert.All(rows, r => Assert.True(r is { Attempt: 1, Status: 200, Source: "reported" }, r.ToString()));
        Assert.Equal(one.Billed, Tokens(rows, "a"));
        Assert.Equal(other.Billed, Tokens(rows, "b"));
        await Eventually.TrueAsync(async () => await AttemptRow.SpentAsync(_gateway.Admin, _name) == one.Billed + other.Billed, "the budget is charged what was billed");
    }

    // What is asked of a target that fails too often is less: both would be ejected else, and the third alone asked.
    private static Func<int, Deed> Script(int seed) => n => (XorShift((uint)seed, n) % 8) switch { 0 or 1 => Deed.Fail, 2 => Deed.Reset, _ => Deed.Answer };

    private static uint XorShift(uint seed, int n)
    {
        var x = seed ^ ((uint)n * 2_654_435_761);
        x ^= x << 13;
        x ^= x >> 17;
        return (x ^ (x << 5)) >> 3;
    }

    private long Tokens(AttemptRow[] rows, string provider) =>
        rows.Where(r => string.Equals(r.Provider, $"{_name}-{provider}", StringComparison.Ordinal) && r.Source is "reported").Sum(r => r.Tokens);

    private async Task<int> AskAsync(HttpClient client, bool streams, CancellationToken swapped)
    {
        var count = 0;
        while (!swapped.IsCancellationRequested)
        {
            using var answer = await client.PostAsync("/v1/chat/completions", Request(streams), CancellationToken.None);
            var body = await answer.Content.ReadAsStringAsync(CancellationToken.None);
            Assert.True(answer.IsSuccessStatusCode && !body.Contains("error", StringComparison.Ordinal), body);
            var (ofOpenAI, ofAnthropic) = (body.Contains("openai", StringComparison.Ordinal), body.Contains("anthropic", StringComparison.Ordinal));
            Assert.True(ofOpenAI ^ ofAnthropic, body);
            Assert.Equal(streams, body.TrimEnd().EndsWith("[DONE]", StringComparison.Ordinal));
            Assert.Equal($"{_name}-{(ofOpenAI ? "a" : "b")}", Assert.Single(answer.Headers.GetValues("sluice-provider")));
            count++;
        }

        return count;
    }

    private string Model(string provider) => $$"""
        kind: Model
        name: {{_name}}
        targets: [{ provider: {{_name}}-{{provider}}, model: any }]
        """;

    private StringContent Request(bool streams) => Gateway.Json(
        $$"""{"model":"{{_name}}","max_tokens":50,"stream":{{(streams ? "true" : "false")}},"messages":[{"role":"user","content":"Hello"}]}""");
}
