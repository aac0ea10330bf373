using Microsoft.AspNetCore.Http;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Resources;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Edge.Pipeline;

/// <summary>What changes on the way to a plain upstream and back: hop-by-hop headers, who forwarded, and Sluice's own.</summary>
internal sealed class RouteTransformer(Arrival arrival, RouteAccess access, TimeProvider? clock, UpstreamTry? attempt) : HttpTransformer
{
    /// <summary>The timestamp of the answer's first byte; 0: there was none, or it was of no interest.</summary>
    public long AnsweredAt { get; private set; }

    public override ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var request = httpContext.Request;
        RouteHeaders.Write(arrival, access, proxyRequest, static (to, name, value) => _ = to.Headers.TryAddWithoutValidation(name, value) || to.Content?.Headers.TryAddWithoutValidation(name, value) is true);
        if (proxyRequest.Content is { } content && request.ContentLength is { } length)
        {
            // The server has read it from one field that said it once: with it, no body has to be sent in chunks that came whole.
            content.Headers.ContentLength = length;
        }

        proxyRequest.RequestUri = RequestUtilities.MakeDestinationAddress(destinationPrefix, request.Path, request.QueryString);
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
