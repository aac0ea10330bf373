using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Metrics;

namespace Sluice.Edge.Tracing;

/// <summary>
/// Begins the traces of requests. It promises: whether a request is traced is decided before anything is made for it, so that one which is not costs a comparison; and a trace
/// goes on upstream as W3C's trace context. See docs/tracing.md.
/// </summary>
/// <param name="options">Which requests are traced.</param>
/// <param name="time">The clock.</param>
internal sealed class RequestTraces(TraceRule options, TimeProvider time)
{
    /// <summary>Of all spans of edges.</summary>
    public static readonly ActivitySource Source = new(TraceSources.Edge);

    /// <summary>Begins one; null: the request is not traced.</summary>
    /// <param name="http">The request.</param>
    /// <param name="arrived">The timestamp at which it came.</param>
    public RequestTrace? Begin(HttpContext http, long arrived)
    {
        var headers = http.Request.Headers;
        var given = headers.TraceParent;
        if (!options.Takes(given.Count == 1 ? given[0] : null, StateOf(headers.TraceState), Chance.Next(), out var parent))
        {
            return null;
        }

        // What the server may have begun for its log is of no trace.
        Activity.Current = null;
        KeyValuePair<string, object?>[] tags =
        [
            new("http.request.method", Method(http.Request.Method)), new("url.scheme", http.Request.Scheme), new("network.protocol.name", "http"), new("network.protocol.version", VersionOf(http.Request.Protocol)),
        ];
        var span = Source.StartActivity(ActivityKind.Server, parent, tags, links: null, time.GetUtcNow() - time.GetElapsedTime(arrived), Method(http.Request.Method));
        if (span is not { Recorded: true, Id: { } id })
        {
            span?.Dispose();
            return null;
        }

        // Whoever copies the request's headers passes the trace on.
        headers.TraceParent = id;
        return new RequestTrace(span, options.Tells);
    }

    private static string? StateOf(StringValues values) => values.Count switch { 0 => null, 1 => values[0], _ => string.Join(',', values.ToArray()) };

    // A client may write any word.
    private static string Method(string method) => HttpMethods.IsGet(method) || HttpMethods.IsPost(method) || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method) || HttpMethods.IsHead(method)
        || HttpMethods.IsOptions(method) || HttpMethods.IsPatch(method) || HttpMethods.IsTrace(method) || HttpMethods.IsConnect(method) ? method : "_OTHER";

    private static string VersionOf(string protocol) => HttpProtocol.IsHttp2(protocol) ? "2" : HttpProtocol.IsHttp3(protocol) ? "3" : HttpProtocol.IsHttp10(protocol) ? "1.0" : "1.1";
}
