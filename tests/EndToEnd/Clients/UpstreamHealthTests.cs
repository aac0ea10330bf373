using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Addresses of an upstream that are asked for their health.</summary>
public sealed class UpstreamHealthTests(SharedGateway shared)
{
    private readonly string _name = $"h{Guid.NewGuid():n}"[..12];
    private volatile bool _isWell = true;

    [Fact]
    public async Task An_address_that_fails_its_probes_is_left_out_until_it_is_well_or_is_asked_no_more()
    {
        await using var first = await Upstream.StartAsync("first");
        await using var second = await Upstream.StartAsync((http, _) =>
        {
            http.Response.StatusCode = (int)(_isWell || http.Request.Path != "/healthz" ? HttpStatusCode.OK : HttpStatusCode.InternalServerError);
            return http.Response.WriteAsync("second", http.RequestAborted);
        });
        await ApplyAsync(first, second, health: true);
        await AnswersAsync("both", "first", "second");

        _isWell = false;
        await AnswersAsync("the one that is well", "first");
        _isWell = true;
        await AnswersAsync("both again", "first", "second");
        _isWell = false;
        await AnswersAsync("the one that is well", "first");

        await ApplyAsync(first, second, health: false);
        await AnswersAsync("both, since nobody asks", "first", "second");
        await ApplyAsync(first, first, health: false);
        await AnswersAsync("what is left", "first");
    }

    private Task<long> ApplyAsync(Upstream first, Upstream second, bool health) => shared.Gateway.ApplyAsync($$"""
        kind: Upstream
        name: {{_name}}
        addresses: [{{string.Join(", ", new[] { first.Address, second.Address }.Distinct(StringComparer.Ordinal))}}]
        {{(health ? "health: { active: { path: /healthz, interval: 100ms } }" : "")}}
        ---
        kind: Route
        name: {{_name}}
        match: { path: "/{{_name}}" }
        split: [{ upstream: {{_name}} }]
        """);

    // Twenty answers in a row come from these and from no other.
    private async Task AnswersAsync(string what, params string[] expected)
    {
        using var client = shared.Gateway.Client();
        await Eventually.TrueAsync(
            async () =>
            {
                var seen = new HashSet<string>(StringComparer.Ordinal);
                for (var i = 0; i < 20; i++)
                {
                    seen.Add(await client.GetStringAsync($"/{_name}"));
                }

                return seen.SetEquals(expected);
            },
            what);
    }
}
