using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline.Routes;

/// <summary>
/// The ids that cookies of splits carry, signed (HMAC-SHA-256, 128 bits) for the cookie's name under a key that is derived from the one that all edges share. It promises: an id that holds was
/// issued by an edge of this workspace for a cookie of this name. See docs/routes.md.
/// </summary>
internal sealed class VisitorIds
{
    private const int Bytes = 16;
    private readonly byte[] _key = new byte[32];

    /// <summary>Those under a key.</summary>
    /// <param name="shared">The key that all edges of the workspace share.</param>
    public VisitorIds(ReadOnlySpan<byte> shared) => HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, _key, salt: default, info: "cookies of splits"u8);

    /// <summary>What a cookie says for somebody new.</summary>
    public string Issue(string cookie)
    {
        Span<byte> id = stackalloc byte[Bytes];
        RandomNumberGenerator.Fill(id);
        var text = Base64Url.EncodeToString(id);
        return $"{text}.{Sign(cookie, text)}";
    }

    /// <summary>The id that a cookie carries; null: it was not issued here.</summary>
    public string? Find(string cookie, string? value) => IssuedId.Of(value) is { } id
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign(cookie, id)), Encoding.UTF8.GetBytes(value![(IssuedId.PartLength + 1)..])) ? id : null;

    private string Sign(string cookie, string id)
    {
        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{cookie}={id}"), signature);
        return Base64Url.EncodeToString(signature[..Bytes]);
    }
}
