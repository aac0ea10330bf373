using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.Pipeline;

/// <summary>Refuses what two servers in a row could read differently (docs/security.md): the connection is closed after it.</summary>
internal static class RequestChecks
{
    /// <summary>What is wrong, or null.</summary>
    public static ClientError? Check(HttpContext http)
    {
        var headers = http.Request.Headers;
        if (FramedHeaders.AreOf(http.Request) && FramedHeaders.FindWrong(headers) is { } framed)
        {
            return Bad(framed);
        }

        var encoding = headers.TransferEncoding;
        if (encoding.Count > 0)
        {
            // Kestrel takes a length that comes with an encoding away and keeps it under this name.
            if (headers.ContentLength is not null || headers.ContainsKey("X-Content-Length"))
            {
                return Bad("Content-Length together with Transfer-Encoding");
            }

            if (HttpProtocol.IsHttp10(http.Request.Protocol))
            {
                return Bad("Transfer-Encoding in HTTP/1.0");
            }

            if (encoding.Count > 1 || !string.Equals(encoding[0], "chunked", StringComparison.OrdinalIgnoreCase))
            {
                return Bad("a Transfer-Encoding other than one 'chunked'");
            }
        }

        if (HttpMethods.IsTrace(http.Request.Method) || (HttpMethods.IsConnect(http.Request.Method) && !ExtendedConnect.IsWebSocket(http)))
        {
            return new ClientError(405, $"The method {http.Request.Method} is not served.", "method_not_allowed");
        }

        return RequestTargets.FindWrong(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget) is { } wrong ? Bad(wrong) : null;
    }

    private static ClientError Bad(string what) => new(400, $"The request has {what}, which servers read differently; it was not processed.", "bad_request");
}
