using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Metrics;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Monitoring;

/// <summary>What a collector receives of a real gateway by OTLP: traces over gRPC, metrics over HTTP.</summary>
public sealed class TracingTests(TracingTests.TracedGateway traced) : IClassFixture<TracingTests.TracedGateway>
{
    // Of the conventions: gen_ai, http, url, server, network and error are theirs; sluice is ours.
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "http.request.method", "http.route", "http.response.status_code", "http.request.resend_count", "url.scheme", "network.protocol.name", "network.protocol.version", "server.address", "server.port", "error.type",
        "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.request.stream", "gen_ai.response.time_to_first_chunk", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens",
        "sluice.request.id", "sluice.revision", "sluice.route", "sluice.model", "sluice.upstream", "sluice.attempt",
    };

    private readonly Collector _collector = traced.Collector;
    private readonly Gateway _gateway = traced.Gateway;

    [Fact]
    public async Task A_stream_of_a_model_is_one_trace_from_the_clients_span_to_the_providers_request()
    {
        await using var provider = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.ContentType = "text/event-stream";
            return http.Response.WriteAsync("data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"delta\":{\"content\":\"Secret answer\"}}]}\n\ndata: {\"object\":\"chat.completion.chunk\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12}}\n\ndata: [DONE]\n\n");
        });
        await _gateway.ApplyAsync(OwnModel.Bundle("traced", provider, "gpt-any"));
        var (trace, parent) = Context();
        using var client = _gateway.Client();

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions?secret=query") { Content = Gateway.Json("""{"model":"traced","stream":true,"messages":[{"role":"user","content":"Secret question"}]}""") };
        request.Headers.Add("traceparent", $"00-{trace}-{parent}-01");
        request.Headers.Add("tracestate", "vendor=opaque");
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var spans = await SpansAsync(trace, "gen_ai.usage.output_tokens");

        var root = Assert.Single(spans, s => s.IsBelow(parent));
        Assert.Equal(("POST /v1/chat/completions", 2, "200", "traced"), (root.Name, root.Kind, root["http.response.status_code"], root["sluice.model"]));
        Assert.Equal(answer.Headers.GetValues("sluice-request-id").Single(), root["sluice.request.id"]);
        Assert.Equal(["admit", "identify", "match"], spans.Where(s => s.IsBelow(root.Id) && s.Kind == 1).Select(s => s.Name).Order(StringComparer.Ordinal));
        var attempt = Assert.Single(spans, s => s.IsBelow(root.Id) && s.Kind == 3 && s.Source is "Sluice.Edge");
        Assert.Equal(("chat gpt-any", "chat", "openai", "gpt-any", "true"), (attempt.Name, attempt["gen_ai.operation.name"], attempt["gen_ai.provider.name"], attempt["gen_ai.request.model"], attempt["gen_ai.request.stream"]));
        Assert.Equal(("7", "5", "127.0.0.1"), (attempt["gen_ai.usage.input_tokens"], attempt["gen_ai.usage.output_tokens"], attempt["server.address"]));
        Assert.NotNull(attempt["gen_ai.response.time_to_first_chunk"]);
        Assert.Equal(["first token"], attempt.Events);
        var sent = Assert.Single(provider.Requests).Headers;
        Assert.Equal(($"00-{trace}-{attempt.Id}-01", "vendor=opaque"), (sent["traceparent"], sent["tracestate"]));

        Assert.DoesNotContain(spans.Where(s => s.Source is "Sluice.Edge").SelectMany(s => s.Tags.Keys), name => !Names.Contains(name));
        Assert.All(_collector.Bodies, body =>
        {
            var text = Encoding.UTF8.GetString(body);
            Assert.DoesNotContain("Secret", text, StringComparison.Ordinal);
            Assert.DoesNotContain("secret=query", text, StringComparison.Ordinal);
            Assert.DoesNotContain(_gateway.TenantKey, text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Models_are_told_by_the_names_of_the_conventions_with_the_trace_of_a_request()
    {
        await using var provider = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.ContentType = "text/event-stream";
            return http.Response.WriteAsync("data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12,\"prompt_tokens_details\":{\"cached_tokens\":3}}}\n\ndata: [DONE]\n\n");
        });
        await using var numbers = await Upstream.StartAsync("{}");
        await _gateway.ApplyAsync($"{OwnModel.Bundle("measured", provider, "gpt-measured")}\n---\n{OwnModel.Bundle("numbers", numbers, "embed-any")}");
        using var client = _gateway.Client();
        await client.PostAsync("/v1/chat/completions", Gateway.Json("{\"model\":\"measured\",\"stream\":true,\"messages\":[]}"), TestContext.Current.CancellationToken);
        await client.PostAsync("/v1/embeddings", Gateway.Json("{\"model\":\"numbers\",\"input\":\"text\"}"), TestContext.Current.CancellationToken);
        await client.PostAsync("/v1/moderations", Gateway.Json("{\"model\":\"numbers\",\"input\":\"text\"}"), TestContext.Current.CancellationToken);

        var scrape = await Scrape.OfAsync(new Uri(FormattableString.Invariant($"http://127.0.0.1:{traced.Ops}")), accept: "application/openmetrics-text; version=1.0.0");

        string[] chat = ["gen_ai_operation_name=\"chat\"", "gen_ai_provider_name=\"openai\"", "gen_ai_request_model=\"gpt-measured\""];
        Assert.Equal((7, 5, 3), (Tokens("input_tokens"), Tokens("output_tokens"), Tokens("cache_read_input_tokens")));
        Assert.Equal((1, 1), (scrape.Value("gen_ai_client_inference_duration_seconds_count", chat), scrape.Value("gen_ai_server_time_to_first_token_seconds_count", chat)));
        Assert.Empty(GenAiMetrics.All.Where(m => !scrape.Text.Contains($"# TYPE {m.PrometheusName}", StringComparison.Ordinal) && !scrape.Text.Contains($"# TYPE {m.PrometheusName[..^6]} counter", StringComparison.Ordinal)).Select(m => m.Name));
        Assert.Contains(scrape.Text.Split('\n'), line => line.StartsWith("sluice_edge_request_duration_seconds_bucket", StringComparison.Ordinal) && line.Contains("trace_id=", StringComparison.Ordinal));
        Assert.Contains("dotnet_gc_collections", scrape.Text, StringComparison.Ordinal);
        Assert.Contains("orleans_", scrape.Text, StringComparison.Ordinal);

        double? Tokens(string name) => scrape.Value($"gen_ai_client_inference_usage_{name}_total", chat);
    }

    [Fact]
    public async Task A_plain_route_has_its_template_and_a_span_for_each_attempt()
    {
        var count = 0;
        await using var there = await Upstream.StartAsync((http, _) =>
        {
            http.Response.StatusCode = Interlocked.Increment(ref count) == 1 ? 503 : 200;
            return Task.CompletedTask;
        });
        await _gateway.ApplyAsync(there.Bundle.Replace("addresses:", "retry: { attempts: 2, on: [503] }\naddresses:", StringComparison.Ordinal));
        var (trace, parent) = Context();
        using var client = _gateway.Client();
        client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-{parent}-01");

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/there", TestContext.Current.CancellationToken)).StatusCode);
        var spans = await SpansAsync(trace, "http.route");

        var root = Assert.Single(spans, s => s.IsBelow(parent));
        Assert.Equal(("GET /there", "there"), (root.Name, root["sluice.route"]));
        var attempts = spans.Where(s => s.IsBelow(root.Id) && s.Kind == 3).OrderBy(s => s["http.request.resend_count"], StringComparer.Ordinal).ToArray();
        Assert.Equal([("503", 2, null), ("200", 0, "1")], attempts.Select(s => (s["http.response.status_code"], s.Status, s["http.request.resend_count"])));
        Assert.Equal(attempts.Select(s => $"00-{trace}-{s.Id}-01"), there.Requests.Select(r => r.Headers["traceparent"]));
    }

    [Fact]
    public async Task A_request_that_its_client_does_not_trace_passes_its_context_on_and_makes_no_span()
    {
        await using var there = await Upstream.StartAsync("there");
        await _gateway.ApplyAsync(there.Bundle);
        var (trace, parent) = Context();
        var (marked, mark) = Context();
        using var client = _gateway.Client();

        await AskAsync($"00-{trace}-{parent}-00");
        await AskAsync($"00-{marked}-{mark}-01");
        await SpansAsync(marked, "http.route");

        Assert.DoesNotContain(_collector.Spans, s => s.IsOf(trace));
        Assert.Equal($"00-{trace}-{parent}-00", there.Requests.First().Headers["traceparent"]);

        async Task AskAsync(string context)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/there");
            request.Headers.Add("traceparent", context);
            (await client.SendAsync(request, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        }
    }

    [Fact]
    public async Task A_publish_is_a_trace_of_its_call_the_grains_and_its_phases_and_metrics_come_too()
    {
        await _gateway.Admin.ApplyAsync("kind: Upstream\nname: traced\naddresses: [\"http://127.0.0.1:9\"]");

        await Eventually.TrueAsync(() => Task.FromResult(_collector.Spans.Any(s => s.Name is "barrier") && _collector.Metrics.ContainsKey("sluice.reload.duration") && _collector.Metrics.ContainsKey("sluice.edge.revision")), "the publish and the metrics came");
        var phase = _collector.Spans.First(s => s.Name is "barrier");
        await Eventually.TrueAsync(() => Task.FromResult(_collector.Spans.Any(s => s.IsOf(phase.Trace) && s.Kind == 2 && s.Source is "Sluice.Silo")), "the call came");

        var spans = _collector.Spans.Where(s => s.IsOf(phase.Trace)).ToArray();
        var publish = Assert.Single(spans, s => s.Name is "publish");
        Assert.Equal(["barrier", "check", "commit", "prepare", "store"], spans.Where(s => s.IsBelow(publish.Id)).Select(s => s.Name).Order(StringComparer.Ordinal));
        Assert.Contains(spans, s => s is { Kind: 2, Source: "Sluice.Silo", Name: "POST /api/v1/apply" });
        Assert.Contains(spans, s => s.Source.StartsWith("Microsoft.Orleans", StringComparison.Ordinal) && s.Name.Contains("ICatalogGrain", StringComparison.Ordinal));
        Assert.Equal("{revision}", _collector.Metrics["sluice.edge.revision"]);
        Assert.Contains("dotnet.gc.collections", _collector.Metrics.Keys);
    }

    /// <summary>A gateway that sends all it has to a collector.</summary>
    public sealed class TracedGateway : IAsyncLifetime
    {
        public Collector Collector { get; private set; } = null!;

        public Gateway Gateway { get; private set; } = null!;

        public int Ops { get; } = Ports.Free();

        public async ValueTask InitializeAsync()
        {
            Collector = await Collector.StartAsync();
            Gateway = await Gateway.StartAsync(
                new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Collector.Grpc,
                    ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] = $"{Collector.Http}/v1/metrics",
                    ["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"] = "http/protobuf",
                    ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
                    ["SLUICE__TELEMETRY__EVERY"] = "1s",
                },
                Ops);
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await Collector.DisposeAsync();
        }
    }

    private static (string Trace, string Span) Context() => (Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N")[..16]);

    // A trace is whole once the request's own span came, which ends last.
    private async Task<IReadOnlyList<ReceivedSpan>> SpansAsync(string trace, string tag)
    {
        await Eventually.TrueAsync(() => Task.FromResult(_collector.Spans.Any(s => s.IsOf(trace) && s.Kind == 2 && s.Source is "Sluice.Edge") && _collector.Spans.Any(s => s.IsOf(trace) && s[tag] is not null)), "the trace came");
        return [.. _collector.Spans.Where(s => s.IsOf(trace))];
    }
}
