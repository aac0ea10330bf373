using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sluice.Edge.Pipeline;

/// <summary>WebSockets over HTTP/2: CONNECT with <c>:protocol websocket</c> (RFC 8441).</summary>
internal static class ExtendedConnect
{
    /// <summary>Whether a request is one.</summary>
    public static bool IsWebSocket(HttpContext http) =>
        http.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: { } protocol } && string.Equals(protocol, "websocket", StringComparison.OrdinalIgnoreCase);
}
