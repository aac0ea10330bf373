using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// Headers of requests that came in frames (HTTP/2 and HTTP/3): a name there is any bytes, and one such as <c>x-forwarded-for:6.6.6.6</c> would be another header once it is written to
/// an upstream as HTTP/1.1. See docs/http2.md.
/// </summary>
internal static class FramedHeaders
{
    // RFC 9110 §5.6.2.
    private static readonly SearchValues<char> OfNames = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Whether a request came in frames.</summary>
    public static bool AreOf(HttpRequest request) => !HttpProtocol.IsHttp11(request.Protocol) && !HttpProtocol.IsHttp10(request.Protocol);

    /// <summary>What is wrong, or null.</summary>
    public static string? FindWrong(IHeaderDictionary headers)
    {
        // RFC 9113 §8.2.2: what is of an HTTP/1.1 connection makes a request malformed. Of Connection and TE the server has seen to it.
        if (headers.TransferEncoding.Count > 0)
        {
            return "Transfer-Encoding in frames";
        }

        if (headers.Upgrade.Count > 0 || headers.KeepAlive.Count > 0 || headers.ContainsKey("Proxy-Connection"))
        {
            return "a header of an HTTP/1.1 connection in frames";
        }

        foreach (var (name, _) in headers)
        {
            // A pseudo-header that the server keeps among them, as :authority, was checked by it.
            if (name.AsSpan().ContainsAnyExcept(OfNames))
            {
                return "a header whose name has other characters than names may have";
            }
        }

        return null;
    }
}
