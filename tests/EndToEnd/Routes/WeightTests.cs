using System.Collections.Concurrent;

namespace Sluice.Tests.EndToEnd.Routes;

/// <summary>HTTPRouteWeight of the Gateway API's conformance suite, and what a change of weights does while requests run.</summary>
public sealed class WeightTests(EchoingGateway echoing) : IClassFixture<EchoingGateway>
{
    [Fact]
    public async Task Parts_take_requests_by_their_weights_and_one_of_weight_0_takes_none()
    {
        const int Requests = 500;
        await WeighAsync(70, 30, 0);
        using var client = echoing.Client();
        var parts = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Requests), new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (_, _) => parts.Add(await AskAsync(client)));

        // Five standard deviations of a binomial.
        Assert.InRange(parts.Count(p => p is "a"), 299, 401);
        Assert.DoesNotContain("c", parts);
    }

    [Fact]
    public async Task When_a_change_of_weights_returns_it_holds_and_its_revert_too_while_requests_run()
    {
        await WeighAsync(100, 0, 0);
        using var client = echoing.Client();
        using var end = new CancellationTokenSource();
        var others = Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!end.IsCancellationRequested)
            {
                Assert.Contains(await AskAsync(client), new[] { "a", "b" });
            }
        }));
        for (var round = 0; round < 5; round++)
        {
            await WeighAsync(0, 100, 0);
            Assert.Equal(["b"], await AskSeveralAsync(client));
            await WeighAsync(100, 0, 0);
            Assert.Equal(["a"], await AskSeveralAsync(client));
        }

        await end.CancelAsync();
        await others;
    }

    private static async Task<IEnumerable<string>> AskSeveralAsync(HttpClient client) => (await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => AskAsync(client)))).Distinct(StringComparer.Ordinal);

    private static async Task<string> AskAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/weighed");
        return (await EchoingGateway.ToldAsync(answer)).GetProperty("upstream").GetString()!;
    }

    // It returns when the publish does: nothing else is waited for.
    private Task WeighAsync(int a, int b, int c) => echoing.Gateway.Admin.ApplyAsync(
        $$"""{ kind: Route, name: weighed, match: { path: /weighed }, split: [{ upstream: a, weight: {{a}} }, { upstream: b, weight: {{b}} }, { upstream: c, weight: {{c}} }] }""");
}
