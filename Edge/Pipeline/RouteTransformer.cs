using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Sluice.Edge.Pipeline.Routes;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Resources;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Edge.Pipeline;

/// <summary>What changes on the way to a plain upstream and back: hop-by-hop headers, who forwarded, and Sluice's own.</summary>
internal sealed class RouteTransformer(Arrival arrival, RouteAccess access, RouteEdit? edit, TimeProvider? clock, UpstreamTry? attempt) : HttpTransformer
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
        if (edit?.Host is { } host)
        {
            proxyRequest.Headers.Host = host;
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
