using System.Net;
using System.Text.Json;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.CallLog;

/// <summary>Figures of the call log, through the API and the command line.</summary>
public sealed class AnalysisTests(ClassGateway own) : IClassFixture<ClassGateway>
{
    private readonly Gateway _gateway = own.Gateway;
    private readonly string _tenant = $"a{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task Figures_comparisons_and_forecasts_are_of_the_calls_that_were_made()
    {
        await using var provider = await OwnModel.StartAsync();
        await _gateway.ApplyAsync($$"""
            {{OwnModel.Bundle(_tenant, provider)}}
            ---
            kind: Budget
            name: {{_tenant}}
            subject: tenant/{{_tenant}}
            amount: { tokens: 1000 }
            window: { every: month }
            """);
        var (_, key) = await _gateway.Admin.CreateTenantAsync(_tenant);
        using var client = _gateway.Client(key);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(client, _tenant)).Status);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await OwnModel.AskAsync(client, "no-such-model")).Status);
        await Eventually.TrueAsync(async () => (await _gateway.Admin.GetAsync($"calls?tenant={_tenant}")).GetProperty("items").GetArrayLength() == 4, "the calls");

        var rows = (await FiguresAsync("by=tenant,model")).GetProperty("rows").EnumerateArray().ToList();
        Assert.Equal(["", _tenant], rows.Select(row => row.GetProperty("of").GetProperty("model").GetString()));
        Assert.Equal((3, 0, 3, 3), (Number(rows[1], "calls"), Number(rows[1], "failed"), Number(rows[1], "inputTokens"), Number(rows[1], "outputTokens")));
        Assert.Equal((1, 1), (Number(rows[0], "calls"), Number(rows[0], "refused")));
        var latency = rows[1].GetProperty("latencyMs");
        Assert.True(latency.GetProperty("p50").GetDouble() > 0 && latency.GetProperty("p99").GetDouble() >= latency.GetProperty("p50").GetDouble());
        Assert.Equal(4, Number((await FiguresAsync("")).GetProperty("rows")[0], "calls"));
        Assert.Single((await FiguresAsync("by=hour,status&status=200")).GetProperty("rows").EnumerateArray());
        Assert.Empty((await FiguresAsync("by=tag")).GetProperty("rows").EnumerateArray());

        var shell = new Shell(_gateway);
        Assert.Contains($"{_tenant},3,0,", await shell.DoneAsync("analyze", "figures", "--tenant", _tenant, "--by", "model", "--csv"), StringComparison.Ordinal);
        var compared = await shell.JsonAsync("analyze", "compare", "--by", "model", _tenant, "other", "--tenant", _tenant);
        Assert.Equal(3, Number(compared.GetProperty("a"), "calls"));
        Assert.False(compared.TryGetProperty("b", out _));
        Assert.Contains("needs two weeks", await shell.DoneAsync("analyze", "anomalies", "--tenant", _tenant), StringComparison.Ordinal);
        var forecast = await shell.JsonAsync("analyze", "forecast", _tenant);
        Assert.Equal(("flat", 1000), (forecast.GetProperty("basis").GetString(), Number(forecast, "limit")));
        Assert.Equal(Number(forecast, "limit") - Number(forecast, "spent"), Number(forecast, "left"));
    }

    [Theory]
    [InlineData("figures?by=colour", "query: by")]
    [InlineData("compare?by=hour&a=1&b=2", "query: by")]
    [InlineData("compare?by=model&a=x", "query: b")]
    [InlineData("compare?by=revision&a=1&b=x", "query: b")]
    [InlineData("anomalies?measure=mood", "query: measure")]
    public async Task What_is_asked_wrongly_is_said(string path, string field)
    {
        var (status, body) = await _gateway.Admin.SendAsync(HttpMethod.Get, $"analysis/{path}", null);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(field, Assert.Single(body.GetProperty("errors").EnumerateArray()).GetProperty("path").GetString());
    }

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private Task<JsonElement> FiguresAsync(string query) => _gateway.Admin.GetAsync($"analysis/figures?{query}&tenant={_tenant}");
}
