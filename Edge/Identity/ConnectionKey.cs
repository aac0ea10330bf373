using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Sluice.Edge.Identity;

/// <summary>
/// The digest of the key that a connection's last request carried. Kestrel gives the very string of the last request again where the header has not changed, so most
/// requests of a connection need no hash of their own.
/// </summary>
internal sealed class ConnectionKey
{
    private Known? _last;

    /// <summary>Gives each connection of a listener its own.</summary>
    public static void KeepOn(ListenOptions listen)
    {
        listen.Use(next => connection =>
        {
            connection.Features.Set(new ConnectionKey());
            return next(connection);
        });
        ((IMultiplexedConnectionBuilder)listen).Use(next => connection =>
        {
            connection.Features.Set(new ConnectionKey());
            return next(connection);
        });
    }

    /// <summary>The digest of <paramref name="key"/>, which is a part of <paramref name="header"/>; false where it cannot be a key.</summary>
    public static bool TryDigest(HttpContext http, string header, ReadOnlySpan<char> key, out KeyDigest digest)
    {
        var connection = http.Features.Get<ConnectionKey>();
        if (connection is not null && Volatile.Read(ref connection._last) is { } known && ReferenceEquals(known.Header, header))
        {
            digest = known.Digest;
            return true;
        }

        if (!KeyDigest.TryCreate(key, out digest))
        {
            return false;
        }

        if (connection is not null)
        {
            Volatile.Write(ref connection._last, new Known(header, digest));
        }

        return true;
    }

    /// <summary>Replaced whole, never changed.</summary>
    private sealed class Known(string header, in KeyDigest digest)
    {
        public readonly string Header = header;
        public readonly KeyDigest Digest = digest;
    }
}
