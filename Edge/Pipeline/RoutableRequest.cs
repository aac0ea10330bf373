using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.Pipeline;

/// <summary>A request as matching sees it.</summary>
/// <param name="request">The request.</param>
/// <param name="method">Of the call that a preflight asks for; null: the request's own.</param>
/// <param name="subject">The user of the caller's key, else the key; null: nobody asked.</param>
internal readonly struct RoutableRequest(HttpRequest request, string? method = null, string? subject = null) : IRoutableRequest
{
    public ReadOnlySpan<char> Host => HostNames.WithoutPort(request.Host.Value);

    // A WebSocket over HTTP/2 is the GET of HTTP/1.1 in another form (RFC 8441).
    public string Method => method ?? (HttpMethods.IsConnect(request.Method) ? HttpMethods.Get : request.Method);

    public ReadOnlySpan<char> Path => request.Path.Value;

    public bool HasHeader(ValueTest asked) => Has(request.Headers[asked.Name], asked);

    public bool HasQuery(ValueTest asked) => Has(request.Query[asked.Name], asked);

    public string? Header(string name) => request.Headers[name].ToString();

    public string? Cookie(string name) => request.Cookies[name];

    public string? Subject => subject;

    private static bool Has(StringValues given, ValueTest asked)
    {
        foreach (var one in given)
        {
            if (one is not null && asked.Takes(one))
            {
                return true;
            }
        }

        return given.Count == 0 && asked.IsAbsence;
    }
}
