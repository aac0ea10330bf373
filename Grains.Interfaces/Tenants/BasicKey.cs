using System.Buffers.Text;
using System.Text;

namespace Sluice.Grains.Interfaces.Tenants;

/// <summary>A key as a browser sends it: the password of HTTP Basic (RFC 7617). The user's name is not looked at.</summary>
public static class BasicKey
{
    private const string Scheme = "Basic ";

    /// <summary>The password of an <c>Authorization</c> header; null where there is none.</summary>
    public static string? Read(string header)
    {
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var text = header[Scheme.Length..].Trim();
        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
        {
            return null;
        }

        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }
}
