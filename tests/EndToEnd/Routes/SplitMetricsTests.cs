using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Routes;

public sealed class SplitMetricsTests(EchoingGateway echoing) : IClassFixture<EchoingGateway>
{
    [Fact]
    public async Task Each_part_of_a_split_is_counted_with_its_failures_and_times_and_a_route_of_one_is_not()
    {
        await using var failing = await Upstream.StartAsync((http, _) =>
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });
        await echoing.Gateway.ApplyAsync($$"""
            { kind: Upstream, name: failing, addresses: ["{{failing.Address}}"] }
            ---
            { kind: Route, name: counted, match: { path: /counted }, split: [{ upstream: a }, { upstream: failing }], sticky: { by: header, name: x-user } }
            ---
            { kind: Route, name: alone, match: { path: /alone }, split: [{ upstream: b }] }
            """);
        using var client = echoing.Client();
        var failed = 0;
        for (var user = 0; user < 20; user++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/counted") { Headers = { { "x-user", $"{user}" } } };
            using var answer = await client.SendAsync(request);
            failed += answer.IsSuccessStatusCode ? 0 : 1;
        }

        using var other = await client.GetAsync("/alone");
        var told = await echoing.ScrapeAsync();

        Assert.InRange(failed, 1, 19);
        Assert.Equal((20 - failed, failed), (Count(told, "duration_seconds_count", "a"), Count(told, "duration_seconds_count", "failing")));
        Assert.Equal((0, failed), (Count(told, "failures_total", "a"), Count(told, "failures_total", "failing")));
        Assert.Null(told.Value("sluice_edge_split_duration_seconds_count", "route=\"alone\""));
    }

    private static double? Count(Monitoring.Scrape told, string what, string upstream) => told.Value($"sluice_edge_split_{what}", "route=\"counted\"", $"upstream=\"{upstream}\"");
}
