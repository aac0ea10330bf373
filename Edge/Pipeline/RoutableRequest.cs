using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.Pipeline;

/// <summary>A request as matching sees it.</summary>
internal readonly struct RoutableRequest(HttpRequest request) : IRoutableRequest
{
    public ReadOnlySpan<char> Host => HostNames.WithoutPort(request.Host.Value);

    // A WebSocket over HTTP/2 is the GET of HTTP/1.1 in another form (RFC 8441).
    public string Method => HttpMethods.IsConnect(request.Method) ? HttpMethods.Get : request.Method;

    public ReadOnlySpan<char> Path => request.Path.Value;

    public bool HasHeader(string name, ImmutableArray<string> values) => Has(request.Headers[name], values);

    public bool HasQuery(string name, ImmutableArray<string> values) => Has(request.Query[name], values);

    public string? Header(string name) => request.Headers[name].ToString();

    public string? Cookie(string name) => request.Cookies[name];

    private static bool Has(StringValues given, ImmutableArray<string> values)
    {
        foreach (var one in given)
        {
            if (one is not null && (values.IsEmpty || values.Contains(one, StringComparer.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }
}
