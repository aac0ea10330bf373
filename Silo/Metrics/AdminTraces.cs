using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Metrics;
using Sluice.Grains.Metrics;

namespace Sluice.Silo.Metrics;

/// <summary>The spans of calls of the admin API: method, template of the path, and status; nothing of what was sent. See docs/tracing.md.</summary>
internal sealed class AdminTraces(RequestDelegate next, TraceRule options)
{
    private const int Fine = 1 << 30;

    public async Task InvokeAsync(HttpContext http)
    {
        var headers = http.Request.Headers;
        var given = headers.TraceParent;
        if (!options.Takes(given.Count == 1 ? given[0] : null, headers.TraceState.Count == 1 ? headers.TraceState[0] : null, RandomNumberGenerator.GetInt32(Fine) / (double)Fine, out var parent)
            || http.GetEndpoint() is not RouteEndpoint { RoutePattern.RawText: { } template })
        {
            await next(http);
            return;
        }

        // What the server may have begun for its log is of no trace.
        Activity.Current = null;
        KeyValuePair<string, object?>[] tags = [new(TraceSources.Decided, http.Request.Method), new("http.route", template), new("url.scheme", http.Request.Scheme)];
        using var span = PublishTrace.Source.StartActivity($"{http.Request.Method} {template}", ActivityKind.Server, parent, tags);
        await next(http);
        span?.SetTag("http.response.status_code", http.Response.StatusCode);
        if (http.Response.StatusCode >= 500)
        {
            span?.SetStatus(ActivityStatusCode.Error);
        }
    }
}
