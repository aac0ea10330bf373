using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Edge.Bodies;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Pipeline.Routes;

/// <summary>Keeps a route's <c>limits</c> on bodies: the client's before it is read, the upstream's while it is passed on.</summary>
internal static class RouteBounds
{
    /// <summary>Sets the bound of the client's body; what it returns is to be told in place of an answer.</summary>
    public static ClientError? BoundRequest(HttpContext http, RouteLimits limits)
    {
        if (limits.RequestBody is not { } most)
        {
            return null;
        }

        if (http.Request.ContentLength > most)
        {
            return new ClientError(413, string.Create(CultureInfo.InvariantCulture, $"The request body is larger than this route takes: {most} bytes."), "request_too_large");
        }

        // Of a body that does not tell its length the server ends the reading.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = most;
        }

        return null;
    }

    /// <summary>Whether the client's body is read whole before it goes on, and is more than a connection's buffers hold.</summary>
    public static bool HoldsBody(HttpRequest request, CompiledRoute route) => request.ContentLength is { } length
        ? length > HeldBodies.LeastCounted && (length <= DirectForwarding.MostBody || length <= route.Validation?.Declared.Body?.MaxSize)
        : route.Validation?.Declared.Body is not null;

    /// <summary>Begins to count the answer.</summary>
    public static void BoundAnswer(HttpContext http, RouteLimits limits)
    {
        if (limits.ResponseBody is { } most)
        {
            var before = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
            var counted = new CountedBody(http, before.Stream, most);
            http.Features.Set(new AnswerBound(counted, before));
            http.Response.Body = counted;
        }
    }

    /// <summary>Whether the answer came to more than it may.</summary>
    public static bool IsOver(HttpContext http) => http.Features.Get<AnswerBound>()?.Counted.IsOver is true;

    /// <summary>What the client is told where forwarding failed: that the answer was too large, if that is why. The answer's body is not counted any more.</summary>
    public static ClientError Tell(HttpContext http, ClientError fault, string upstream)
    {
        if (http.Features.Get<AnswerBound>() is not { } bound)
        {
            return fault;
        }

        http.Features.Set(bound.Before);
        return bound.Counted.IsOver
            ? new ClientError(502, $"Upstream '{upstream}' answered more than this route passes on.", "response_too_large")
            : fault;
    }

    private sealed record AnswerBound(CountedBody Counted, IHttpResponseBodyFeature Before);
}
