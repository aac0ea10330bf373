using System.Net;
using Microsoft.AspNetCore.Http;
using Sluice.Revisions.Forwarding;

namespace Sluice.Edge.Identity;

/// <summary>From which address a client calls: the connection's, or what proxies that are trusted (<c>Edge:TrustedProxies</c>) say in <c>X-Forwarded-For</c>.</summary>
internal sealed class ClientAddress(EdgeOptions options)
{
    private const int MostProxies = 16;
    private readonly AddressList? _trusted = options.TrustedProxies is { } ranges ? AddressList.Of(Split(ranges)) : null;

    /// <summary>The ranges of a setting.</summary>
    public static string[] Split(string ranges) => ranges.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Null: not known, as where a trusted proxy tells none.</summary>
    public IPAddress? Of(HttpContext http)
    {
        var address = http.Connection.RemoteIpAddress;
        if (_trusted is null || address is null || !_trusted.Contains(address))
        {
            return address;
        }

        // From the right: each entry is what the proxy after it saw. What stands left of the first one that is not trusted anybody may have written.
        var entries = string.Join(',', http.Request.Headers["X-Forwarded-For"].ToArray()).Split(',', StringSplitOptions.TrimEntries);
        for (var i = entries.Length - 1; i >= Math.Max(0, entries.Length - MostProxies); i--)
        {
            if (!TryRead(entries[i], out address))
            {
                return null;
            }

            if (!_trusted.Contains(address))
            {
                return address;
            }
        }

        return address;
    }

    // Some proxies write a port behind the address.
    private static bool TryRead(string text, out IPAddress address)
    {
        var isRead = IPEndPoint.TryParse(text, out var place);
        address = place?.Address ?? IPAddress.None;
        return isRead;
    }
}
