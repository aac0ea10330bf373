using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Sluice.Tests.Processes;

/// <summary>A span as a collector received it.</summary>
/// <param name="Kind">1 internal, 2 server, 3 client.</param>
/// <param name="Status">0 unset, 2 error.</param>
public sealed record ReceivedSpan(
    string Service, string Source, string Trace, string Id, string Parent, string Name, int Kind, int Status, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<string> Events)
{
    /// <summary>The value of an attribute; null: it has none.</summary>
    public string? this[string tag] => Tags.GetValueOrDefault(tag);

    /// <summary>Whether it is of this trace.</summary>
    public bool IsOf(string trace) => string.Equals(Trace, trace, StringComparison.Ordinal);

    /// <summary>Whether it is a part of this span.</summary>
    public bool IsBelow(string id) => string.Equals(Parent, id, StringComparison.Ordinal);
}

/// <summary>A collector of OpenTelemetry's, as far as tests want one: OTLP over gRPC and over HTTP with protobuf, each on a port of its own.</summary>
public sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ReceivedSpan> _spans = new(StringComparer.Ordinal);

    private Collector(WebApplication app) => _app = app;

    /// <summary>For gRPC.</summary>
    public string Grpc => _app.Urls.First();

    /// <summary>For HTTP.</summary>
    public string Http => _app.Urls.Last();

    /// <summary>All spans that came, each once however often: two gateways of one process send each other's.</summary>
    public IEnumerable<ReceivedSpan> Spans => _spans.Values;

    /// <summary>The names of all metrics that came.</summary>
    public ConcurrentDictionary<string, string> Metrics { get; } = new(StringComparer.Ordinal);

    /// <summary>All that came, as it came.</summary>
    public ConcurrentQueue<byte[]> Bodies { get; } = new();

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        var collector = new Collector(builder.Build());
        collector._app.Run(collector.TakeAsync);
        await collector._app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var isGrpc = http.Request.ContentType is "application/grpc";

        // A message of gRPC has its length before it.
        var message = isGrpc ? body.ToArray().AsSpan(5) : body.ToArray();
        Bodies.Enqueue(message.ToArray());
        var request = new ProtobufFields(message);
        if (http.Request.Path.Value!.Contains("trace", StringComparison.OrdinalIgnoreCase))
        {
            TakeSpans(request);
        }
        else
        {
            TakeMetrics(request);
        }

        if (isGrpc)
        {
            http.Response.ContentType = "application/grpc";
            http.Response.DeclareTrailer("grpc-status");
            await http.Response.Body.WriteAsync(new byte[5], http.RequestAborted);
            http.Response.AppendTrailer("grpc-status", "0");
        }
        else
        {
            http.Response.ContentType = "application/x-protobuf";
        }
    }

    // The numbers are those of opentelemetry/proto/trace/v1/trace.proto.
    private void TakeSpans(ProtobufFields request)
    {
        foreach (var resource in request.Messages(1))
        {
            var service = resource.Messages(1).SelectMany(Tags).FirstOrDefault(t => t.Key is "service.name").Value ?? "";
            foreach (var scope in resource.Messages(2))
            {
                foreach (var span in scope.Messages(2))
                {
                    _spans.TryAdd(Hex(span, 2), new ReceivedSpan(
                        service,
                        scope.Messages(1).First().Text(1),
                        Hex(span, 1),
                        Hex(span, 2),
                        Hex(span, 4),
                        span.Text(5),
                        (int)span.Number(6),
                        (int)(span.Messages(15).LastOrDefault()?.Number(3) ?? 0),
                        span.Messages(9).Select(Tag).ToDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal),
                        [.. span.Messages(11).Select(e => e.Text(2))]));
                }
            }
        }
    }

    // metrics.proto.
    private void TakeMetrics(ProtobufFields request)
    {
        foreach (var metric in request.Messages(1).SelectMany(r => r.Messages(2)).SelectMany(s => s.Messages(2)))
        {
            Metrics[metric.Text(1)] = metric.Text(3);
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Tags(ProtobufFields resource) => resource.Messages(1).Select(Tag);

    // common.proto: a value is a text, a truth, a number or a fraction.
    private static KeyValuePair<string, string> Tag(ProtobufFields pair)
    {
        var value = pair.Messages(2).Last();
        return KeyValuePair.Create(pair.Text(1), value.Has(1) ? value.Text(1)
            : value.Has(2) ? (value.Number(2) != 0 ? "true" : "false")
            : value.Has(3) ? value.Number(3).ToString(CultureInfo.InvariantCulture)
            : BitConverter.UInt64BitsToDouble(value.Number(4)).ToString(CultureInfo.InvariantCulture));
    }

    private static string Hex(ProtobufFields span, int number) => Convert.ToHexStringLower(span.Bytes(number).LastOrDefault() ?? []);
}
