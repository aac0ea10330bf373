using System.Security.Cryptography;
using System.Text;

namespace Sluice.Grains.Webhooks;

/// <summary>Signatures of Standard Webhooks 1.0 ("Signature scheme", symmetric): HMAC-SHA-256 over id, time and body.</summary>
internal static class WebhookSignature
{
    private const string Prefix = "whsec_";
    private const int LeastKey = 24;
    private const int MostKey = 64;

    /// <summary>What a secret must be, for people.</summary>
    public const string Rule = "must be whsec_ and 24 to 64 bytes in base64";

    /// <summary>The key in a secret's text; null where it is none.</summary>
    public static byte[]? KeyOf(string secret)
    {
        var room = new byte[MostKey];
        return secret.StartsWith(Prefix, StringComparison.Ordinal) && Convert.TryFromBase64String(secret[Prefix.Length..], room, out var length) && length >= LeastKey ? room[..length] : null;
    }

    /// <summary>The value of <c>webhook-signature</c>: one for each key, separated by spaces.</summary>
    public static string Of(IEnumerable<byte[]> keys, string id, long timestamp, string body)
    {
        var signed = Encoding.UTF8.GetBytes(FormattableString.Invariant($"{id}.{timestamp}.{body}"));
        return string.Join(' ', keys.Select(key => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, signed))}"));
    }
}
