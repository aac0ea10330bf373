using System.Globalization;
using System.Net;
using System.Text.Json;
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

    [Fact]
    public async Task The_difference_of_a_day_that_is_over_is_posted_once()
    {
        Assert.SkipWhen(WallClock.Missing is not null, WallClock.Missing ?? "");
        using var folder = new TemporaryFolder();
        var up = SluiceProcess.Up(Path.Combine(folder.Path, "data"));
        var past = new WallClock(folder.Path, "sluice", hours: -48);
        string key;
        await using (var before = await SluiceProcess.StartAsync(up, past.Settings))
        {
            key = before.Line.AdminKey!;
            using var client = new HttpClient { BaseAddress = before.Edge };
            client.DefaultRequestHeaders.Authorization = new("Bearer", before.Line.TenantKey);
            using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json("""{"model":"sandbox","max_tokens":8,"messages":[{"role":"user","content":"Hello"}]}"""));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(0, await before.StopAsync());
        }

        await using var now = await SluiceProcess.StartAsync(up);
        using var admin = new AdminApi(now.Admin, key);
        await admin.ApplyAsync("kind: Price\nname: dear\nentries: [{ provider: sandbox, model: \"*\", input: \"3.00 USD\", output: \"5.00 USD\" }]");
        var day = TimeProvider.System.GetUtcNow().AddHours(-48).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var shell = new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE_ADMIN_URL"] = now.Admin.AbsoluteUri, ["SLUICE_ADMIN_KEY"] = key };
        string[] rerate = ["usage", "rerate", "--from", day, "--to", day, "--price", "dear", "--apply", "--json"];
        decimal[] posted = [await PostedAsync(), await PostedAsync()];

        var used = (await admin.GetAsync($"tenants/default/usage?from={day}&to={day}")).GetProperty("total");
        var cost = ((used.GetProperty("inputTokens").GetInt64() * 3) + (used.GetProperty("outputTokens").GetInt64() * 5)) / 1_000_000m;
        Assert.True(cost > 0);
        Assert.Equal([cost, 0], posted);
        Assert.Equal(cost, decimal.Parse(used.GetProperty("cost").GetString()!, CultureInfo.InvariantCulture));

        async Task<decimal> PostedAsync()
        {
            var (code, output, errors) = await HostedSluice.CommandAsync(rerate, shell);
            Assert.True(code is 0, errors);
            using var answer = JsonDocument.Parse(output);
            return decimal.Parse(answer.RootElement.GetProperty("difference").GetString()!, CultureInfo.InvariantCulture);
        }
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
