using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sluice.Edge.Pipeline;

/// <summary>Refuses what two servers in a row could read differently (docs/security.md): the connection is closed after it.</summary>
internal static class RequestChecks
{
    private static readonly string[] HiddenInPath = ["%2f", "%5c", "%00", "\\", "%2e"];

    /// <summary>What is wrong, or null.</summary>
    public static ClientError? Check(HttpContext http)
    {
        var headers = http.Request.Headers;
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

        if (HttpMethods.IsTrace(http.Request.Method) || HttpMethods.IsConnect(http.Request.Method))
        {
            return new ClientError(405, $"The method {http.Request.Method} is not served.", "method_not_allowed");
        }

        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        if (path.ContainsAny('%', '\\'))
        {
            foreach (var hidden in HiddenInPath)
            {
                if (path.Contains(hidden, StringComparison.OrdinalIgnoreCase))
                {
                    return Bad($"a path with {hidden}");
                }
            }
        }

        return PathOf(path).Contains("//", StringComparison.Ordinal) ? Bad("a path with an empty segment") : null;
    }

    // The target may be a whole address (RFC 9112 §3.2.2): its path begins behind the authority.
    private static ReadOnlySpan<char> PathOf(ReadOnlySpan<char> target)
    {
        var authority = target.IndexOf("://", StringComparison.Ordinal);
        if (target.StartsWith('/') || authority < 0)
        {
            return target;
        }

        var rest = target[(authority + 3)..];
        var slash = rest.IndexOf('/');
        return slash < 0 ? default : rest[slash..];
    }

    private static ClientError Bad(string what) => new(400, $"The request has {what}, which servers read differently; it was not processed.", "bad_request");
}
