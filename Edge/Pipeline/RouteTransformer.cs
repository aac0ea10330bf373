using Microsoft.AspNetCore.Http;
using Sluice.Revisions.Resources;
using Yarp.ReverseProxy.Forwarder;

namespace Sluice.Edge.Pipeline;

/// <summary>What changes on the way to a plain upstream and back: hop-by-hop headers, who forwarded, and Sluice's own.</summary>
internal sealed class RouteTransformer(Arrival arrival, RouteAccess access) : HttpTransformer
{
    public override ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var request = httpContext.Request;
        var nominated = HeaderRules.NominatedBy(request.Headers.Connection);
        foreach (var (name, value) in request.Headers)
        {
            var passes = HeaderRules.PassesToUpstream(name) && !IsKey(name, value) && nominated?.Contains(name) is not true;
            if (passes && !proxyRequest.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value))
            {
                proxyRequest.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)value);
            }
        }

        if (proxyRequest.Content is { } content && request.ContentLength is { } length)
        {
            // The server has read it from one field that said it once: with it, no body has to be sent in chunks that came whole.
            content.Headers.ContentLength = length;
        }

        proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-For", httpContext.Connection.RemoteIpAddress?.ToString());
        proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Proto", request.Scheme);
        proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Host", request.Host.Value);
        proxyRequest.Headers.TryAddWithoutValidation("sluice-request-id", arrival.RequestId);
        proxyRequest.RequestUri = RequestUtilities.MakeDestinationAddress(destinationPrefix, request.Path, request.QueryString);
        return ValueTask.CompletedTask;
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is not null)
        {
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

    // A Sluice key is for Sluice; a service's own credentials pass.
    private bool IsKey(string name, Microsoft.Extensions.Primitives.StringValues value) =>
        (name.Equals("authorization", StringComparison.OrdinalIgnoreCase)
            || name.Equals("x-api-key", StringComparison.OrdinalIgnoreCase)
            || name.Equals("api-key", StringComparison.OrdinalIgnoreCase)
            || name.Equals("x-goog-api-key", StringComparison.OrdinalIgnoreCase))
        && (access is RouteAccess.Key || Identification.HoldsKey(value));
}
