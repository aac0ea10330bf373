using Microsoft.AspNetCore.Http;

namespace Sluice.Edge.Caching;

/// <summary>What requests of routes ask for, as caches know it: scheme, host, path and query, in one form.</summary>
internal static class AnswerTarget
{
    /// <summary>Of a request.</summary>
    public static string Of(HttpRequest request) => string.Concat(
        request.Scheme, "://", request.Host.Value?.ToLowerInvariant(), string.Concat(request.PathBase.ToUriComponent(), request.Path.ToUriComponent(), request.QueryString.Value));

    /// <summary>The path of one; empty: it has none.</summary>
    public static ReadOnlySpan<char> PathOf(string target)
    {
        var path = target.AsSpan();
        var scheme = path.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            return [];
        }

        path = path[(scheme + 3)..];
        path = path.IndexOf('/') is >= 0 and var slash ? path[slash..] : [];
        return path.IndexOf('?') is >= 0 and var query ? path[..query] : path;
    }
}
