using Microsoft.AspNetCore.Http;

namespace Sluice.Edge.Realtime;

/// <summary>The subprotocols that a client offers. Browsers, which cannot set headers, name their key in one of them; such ones are for the gateway and go no further.</summary>
internal static class OfferedProtocols
{
    private const string OfKey = "openai-insecure-api-key.";
    private static readonly string[] OfAccount = [OfKey, "openai-organization.", "openai-project."];

    /// <summary>Those that the provider is offered.</summary>
    public static IEnumerable<string> Passing(HttpContext http) =>
        http.WebSockets.WebSocketRequestedProtocols.Where(offered => !OfAccount.Any(own => offered.StartsWith(own, StringComparison.Ordinal)));

    /// <summary>The key, and the text that it is a part of; empty: there is none.</summary>
    public static (string Offered, ReadOnlyMemory<char> Key) KeyOf(HttpContext http)
    {
        var offered = http.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(o => o.StartsWith(OfKey, StringComparison.Ordinal)) ?? "";
        return (offered, offered.Length == 0 ? default : offered.AsMemory(OfKey.Length));
    }
}
