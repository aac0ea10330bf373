using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Pipeline.Routes;

/// <summary>Compresses answers of routes that declare it, by ASP.NET's own middleware: <c>br</c> and <c>gzip</c>, as the client takes them.</summary>
internal sealed class AnswerCompression(IServiceProvider services)
{
    private readonly ConditionalWeakTable<RouteCompression, ResponseCompressionMiddleware> _known = [];

    /// <summary>Runs <paramref name="answer"/>, whose answer is compressed where it may be.</summary>
    public Task RunAsync(HttpContext http, RouteCompression declared, Func<Task> answer)
    {
        var middleware = _known.TryGetValue(declared, out var known) ? known : _known.GetValue(declared, Create);
        http.Features.Set(new Inner(answer));
        return middleware.Invoke(http);
    }

    /// <summary>Whether a part of the answer was compressed already, so that it cannot be begun anew.</summary>
    public static bool HasBegun(HttpContext http) => http.Response.Headers.ContentEncoding.Count > 0;

    private ResponseCompressionMiddleware Create(RouteCompression declared) => new(static http => http.Features.GetRequiredFeature<Inner>().Answer(), new Chosen(services, declared));

    private sealed record Inner(Func<Task> Answer);

    /// <summary>What of the framework's choice a route narrows.</summary>
    private sealed class Chosen(IServiceProvider services, RouteCompression declared) : ResponseCompressionProvider(services, Options.Create(OptionsOf(declared)))
    {
        public override bool ShouldCompressResponse(HttpContext context)
        {
            var headers = context.Response.Headers;
            var should = base.ShouldCompressResponse(context)
                && !(context.Response.ContentLength < declared.MinSize)
                && !headers.CacheControl.Any(static v => v?.Contains("no-transform", StringComparison.OrdinalIgnoreCase) is true);
            if (should && GetCompressionProvider(context) is not null && headers.ETag.ToString() is { Length: > 0 } tag && !tag.StartsWith("W/", StringComparison.Ordinal))
            {
                // The same in meaning, no longer byte by byte (RFC 9110 §8.8.1).
                headers.ETag = $"W/{tag}";
                headers.Remove(HeaderNames.AcceptRanges);
            }

            return should;
        }

        private static ResponseCompressionOptions OptionsOf(RouteCompression declared) => new()
        {
            // The operator has chosen to: see docs/routes.md on what that means beside secrets.
            EnableForHttps = true,
            MimeTypes = declared.Types,
            ExcludedMimeTypes = declared.Types.Contains("text/event-stream", StringComparer.OrdinalIgnoreCase) ? [] : ["text/event-stream"],
        };
    }
}
