using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

public sealed class RerateTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"r{Guid.NewGuid():n}"[..12];
    private readonly string _today = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    [Fact]
    public async Task What_was_used_is_rated_by_another_table_kind_by_kind_and_nothing_changes_by_a_dry_run()
    {
        await using var upstream = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync(
                """{"object":"chat.completion","choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":100,"prompt_tokens_details":{"cached_tokens":600},"completion_tokens_details":{"reasoning_tokens":40}}}""", http.RequestAborted);
        });
        var key = await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, upstream) + "\nprice: { input: \"1.00 USD\", output: \"4.00 USD\" }", $$"""
            kind: Price
            name: {{_name}}
            markUp: { tenants: { {{_name}}: 500000 } }
            entries: [{ provider: {{_name}}, model: "*", input: "2.00 USD", cachedInput: "1.00 USD", output: "4.00 USD", reasoning: "8.00 USD" }]
            """);
        using var client = _gateway.Client(key);
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json($$"""{"model":"{{_name}}","messages":[{"role":"user","content":"Hello"}]}"""));
        Assert.Equal("0.0014", answer.Headers.GetValues("sluice-cost").Single());
        await _gateway.Admin.UsageAsync(_name, 1);

        var rated = await _gateway.Admin.PostAsync("usage/rerate", new { from = _today, to = _today, price = _name, tenant = _name });

        // (400 × 2 + 600 × 1 + 60 × 4 + 40 × 8) × 1.5 millionths.
        var row = Assert.Single(rated.GetProperty("rows").EnumerateArray());
        Assert.Equal(($"{_name}/any", 1), (row.GetProperty("target").GetString(), row.GetProperty("attempts").GetInt32()));
        Assert.Equal(("0.0014", "0.00294", "0.00154"), (row.GetProperty("before").GetString(), row.GetProperty("after").GetString(), rated.GetProperty("difference").GetString()));
        Assert.StartsWith($"{_name}@", rated.GetProperty("price").GetString(), StringComparison.Ordinal);
        Assert.True(rated.GetProperty("dryRun").GetBoolean());
        var usage = await _gateway.Admin.GetAsync($"tenants/{_name}/usage");
        Assert.Equal("0.0014", usage.GetProperty("total").GetProperty("cost").GetString());
    }

    [Theory]
    [InlineData("""{"from":"2026-01-02","to":"2026-01-01","price":"list"}""", "must not be after to")]
    [InlineData("""{"from":"2026-01-01","to":"2999-01-01","price":"list"}""", "must be a day that is over")]
    [InlineData("""{"from":"2026-01-01","to":"2026-01-01","price":"nowhere-at-all"}""", "there is no Price 'nowhere-at-all'")]
    [InlineData("""{"from":"2025-01-01","to":"2026-01-01","price":"list"}""", "must lie within 92 days of to")]
    [InlineData("""{"from":"1.1.2026","to":"2026-01-01","price":"list","dry":true}""", "unknown field 'dry'")]
    public async Task What_is_wrong_in_a_rating_is_told(string body, string error)
    {
        var (status, problem) = await _gateway.Admin.SendAsync(HttpMethod.Post, "usage/rerate", body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(error, problem.GetRawText().Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
