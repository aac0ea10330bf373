using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Grains.Acme;

/// <summary>Signed bodies as ACME wants them: flattened JSON (RFC 7515; RFC 8555, section 6.2), by ES256.</summary>
internal static class Jws
{
    /// <summary>The public key as JSON (RFC 7517), its members in the order of RFC 7638.</summary>
    public static string KeyOf(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""";
    }

    /// <summary>The key's thumbprint (RFC 7638).</summary>
    public static string ThumbprintOf(ECDsa key) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(KeyOf(key))));

    /// <summary>A body signed by an account's key.</summary>
    /// <param name="key">On P-256.</param>
    /// <param name="account">The account's URL; null: the key itself is told, as for an account that is to be made.</param>
    /// <param name="nonce">As the server gave it.</param>
    /// <param name="url">Where it is sent.</param>
    /// <param name="payload">JSON; empty: nothing, as to read something.</param>
    public static byte[] Sign(ECDsa key, Uri? account, string nonce, Uri url, string payload)
    {
        var header = new JsonObject { ["alg"] = "ES256", ["nonce"] = nonce, ["url"] = url.AbsoluteUri };
        if (account is null)
        {
            header["jwk"] = JsonNode.Parse(KeyOf(key));
        }
        else
        {
            header["kid"] = account.AbsoluteUri;
        }

        return Close(header, payload, input => key.SignData(input, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)).Bytes;
    }

    /// <summary>What binds an account's key to an account that exists elsewhere (RFC 8555, section 7.3.4).</summary>
    public static JsonNode Bind(ECDsa key, string keyId, byte[] mac, Uri url) =>
        Close(new JsonObject { ["alg"] = "HS256", ["kid"] = keyId, ["url"] = url.AbsoluteUri }, KeyOf(key), input => HMACSHA256.HashData(mac, input)).Node;

    private static (JsonNode Node, byte[] Bytes) Close(JsonObject header, string payload, Func<byte[], byte[]> sign)
    {
        var (first, second) = (Text(header.ToJsonString()), Text(payload));
        var node = new JsonObject { ["protected"] = first, ["payload"] = second, ["signature"] = Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes($"{first}.{second}"))) };
        return (node, JsonSerializer.SerializeToUtf8Bytes(node));
    }

    private static string Text(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
