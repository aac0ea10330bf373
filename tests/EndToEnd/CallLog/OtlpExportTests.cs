using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.CallLog;

/// <summary>Calls as log records, read as the collector of OpenTelemetry reads them: OTLP 1.x over HTTP, in JSON.</summary>
public sealed class OtlpExportTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _tenant = $"o{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task Calls_are_sent_as_log_records_again_where_the_collector_had_no_time_and_what_it_refused_is_told()
    {
        var bodies = new ConcurrentQueue<byte[]>();
        await using var collector = await Upstream.StartAsync(async (http, request) =>
        {
            bodies.Enqueue(request.Body);
            if (bodies.Count == 1)
            {
                http.Response.StatusCode = 503;
                http.Response.Headers.RetryAfter = "0";
                return;
            }

            await http.Response.WriteAsync("""{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too old"}}""");
        });
        var (id, key) = await _gateway.Admin.CreateTenantAsync(_tenant);
        using var client = _gateway.Client(key);
        foreach (var model in new[] { "sandbox", "no-such-model" })
        {
            using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json($$"""{"model":"{{model}}","messages":[{"role":"user","content":"Hello"}]}"""));
        }

        await Eventually.TrueAsync(async () => (await _gateway.Admin.GetAsync($"calls?tenant={_tenant}")).GetProperty("items").GetArrayLength() == 2, "the calls");

        var (code, output, _) = await new Shell(_gateway).RunAsync(["calls", "--tenant", _tenant, "--otlp", collector.Address]);

        Assert.Equal(1, code);
        Assert.Contains("2 calls were sent", output, StringComparison.Ordinal);
        Assert.Contains("did not take 1 of them", output, StringComparison.Ordinal);
        Assert.Equal(2, bodies.Count);
        Assert.Equal(bodies.First(), bodies.Last());
        Assert.All(collector.Requests, request => Assert.Equal("/v1/logs", request.Target));
        using var sent = JsonDocument.Parse(bodies.Last());
        var edge = Assert.Single(sent.RootElement.GetProperty("resourceLogs").EnumerateArray().ToList());
        Assert.Equal("sluice-edge", Attributes(edge.GetProperty("resource"))["service.name"]);
        var records = edge.GetProperty("scopeLogs")[0].GetProperty("logRecords").EnumerateArray().ToList();
        var (refused, answered) = (records.Single(Is("WARN")), records.Single(Is("INFO")));
        var told = Attributes(answered);
        Assert.Equal(("sandbox", "200", _tenant, id, "reported"), (told["gen_ai.request.model"], told["http.response.status_code"], told["sluice.tenant"], told["sluice.key"], told["sluice.usage.source"]));
        Assert.True(long.Parse(told["gen_ai.usage.output_tokens"], CultureInfo.InvariantCulture) > 0);
        Assert.Equal("model_not_found", Attributes(refused)["error.type"]);
        var ended = DateTimeOffset.UnixEpoch.AddTicks(long.Parse(answered.GetProperty("timeUnixNano").GetString()!, CultureInfo.InvariantCulture) / 100);
        var now = TimeProvider.System.GetUtcNow();
        Assert.InRange(ended, now.AddHours(-1), now.AddHours(1));
    }

    [Fact]
    public async Task A_collector_that_takes_nothing_is_told_of_with_its_reason()
    {
        await using var collector = await Upstream.StartAsync((http, _) =>
        {
            http.Response.StatusCode = 401;
            return http.Response.WriteAsync("who are you?");
        });
        var (_, key) = await _gateway.Admin.CreateTenantAsync(_tenant);
        using var client = _gateway.Client(key);
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json("""{"model":"no-such-model","messages":[{"role":"user","content":"Hello"}]}"""));
        await Eventually.TrueAsync(async () => (await _gateway.Admin.GetAsync($"calls?tenant={_tenant}")).GetProperty("items").GetArrayLength() == 1, "the call");
        var shell = new Shell(_gateway);

        Assert.Contains("it answered 401: who are you?", await shell.FailsAsync(1, "calls", "--tenant", _tenant, "--otlp", $"{collector.Address}/v1/logs"), StringComparison.Ordinal);
        Assert.Contains("--otlp must be the address of a collector", await shell.FailsAsync(2, "calls", "--otlp", "localhost:4318"), StringComparison.Ordinal);
    }

    private static Func<JsonElement, bool> Is(string severity) => record => string.Equals(record.GetProperty("severityText").GetString(), severity, StringComparison.Ordinal);

    // A value is an object of one member, named by its type.
    private static Dictionary<string, string> Attributes(JsonElement of) =>
        of.GetProperty("attributes").EnumerateArray().ToDictionary(a => a.GetProperty("key").GetString()!, a => a.GetProperty("value").EnumerateObject().Single().Value.ToString(), StringComparer.Ordinal);
}
