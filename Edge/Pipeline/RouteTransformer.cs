using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Sluice.Edge.Pipeline.Routes;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Resources;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Edge.Pipeline;

/// <summary>What changes on the way to a plain upstream and back: hop-by-hop headers, who forwarded, and Sluice's own.</summary>
/// <param name="arrival">The request.</param>
/// <param name="access">Whether the caller's key is the gateway's own.</param>
/// <param name="edit">What the route changes; null: nothing.</param>
/// <param name="clock">Not null: the time of the answer's first byte is of interest.</param>
/// <param name="attempt">Of a guarded upstream: what is told of the attempt.</param>
/// <param name="host">What the upstream is told in <c>Host</c> where the route does not say; null: what its address says.</param>
internal sealed class RouteTransformer(Arrival arrival, RouteAccess access, RouteEdit? edit, TimeProvider? clock, UpstreamTry? attempt, string? host = null) : HttpTransformer
{
    private const string Trailers = "trailers";

    /// <summary>The timestamp of the answer's first byte; 0: there was none, or it was of no interest.</summary>
    public long AnsweredAt { get; private set; }

    public override ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var request = httpContext.Request;
        RouteHeaders.Write(arrival, access, edit, proxyRequest, static (to, name, value) => _ = to.Headers.TryAddWithoutValidation(name, value) || to.Content?.Headers.TryAddWithoutValidation(name, value) is true);
        if (proxyRequest.Version.Major == 2 && request.Headers.TE.Count == 1 && string.Equals(request.Headers.TE[0], Trailers, StringComparison.OrdinalIgnoreCase))
        {
            // The one value that it may have in HTTP/2: gRPC asks by it whether trailers pass all the way.
            proxyRequest.Headers.TryAddWithoutValidation(HeaderNames.TE, Trailers);
        }

        if (proxyRequest.Content is { } content && request.ContentLength is { } length)
        {
            // The server has read it from one field that said it once: with it, no body has to be sent in chunks that came whole.
            content.Headers.ContentLength = length;
        }

        proxyRequest.RequestUri = RequestUtilities.MakeDestinationAddress(destinationPrefix, edit?.Path ?? request.Path, edit?.Query ?? request.QueryString);
        if ((edit?.Host ?? host) is { } told)
        {
            proxyRequest.Headers.Host = told;
        }

        return ValueTask.CompletedTask;
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is not null)
        {
            if (attempt?.Leaves((int)proxyResponse.StatusCode) is true)
            {
                return false;
            }

            AnsweredAt = clock?.GetTimestamp() ?? 0;
            RemoveOurs(proxyResponse, httpContext.Response);
        }

        var passes = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        if (proxyResponse is not null)
        {
            edit?.ApplyToAnswer(httpContext.Response.Headers);
        }

        Answers.Stamp(arrival);
        return passes;
    }

    // What only the gateway may say: its own headers, and the rates that it counts where it does.
    private static void RemoveOurs(HttpResponseMessage from, HttpResponse to)
    {
        List<string>? ours = null;
        foreach (var (name, _) in from.Headers.NonValidated)
        {
            if (HeaderRules.IsOurs(name) || (HeaderRules.IsOfRates(name) && to.Headers.ContainsKey(name)))
            {
                (ours ??= []).Add(name);
            }
        }

        foreach (var name in ours ?? [])
        {
            from.Headers.Remove(name);
        }
    }
}
