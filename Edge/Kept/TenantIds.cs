using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Sluice.Grains.Interfaces.Sealing;

namespace Sluice.Edge.Kept;

/// <summary>
/// The ids by which a tenant names what providers keep for it: the provider's own id and where it is, sealed under a key of the tenant's (AES-256-GCM). It promises: an id that opens was made
/// for this tenant, for what its beginning says. Ids of others, altered and invented ones are alike: they do not open. See docs/files.md.
/// </summary>
internal sealed class TenantIds
{
    /// <summary>What every such id has behind its beginning.</summary>
    public const string Mark = "sluice.";

    /// <summary>The beginning of a file's id.</summary>
    public const string OfFile = "file-";

    /// <summary>The beginning of a response's id.</summary>
    public const string OfResponse = "resp_";

    /// <summary>The beginning of a batch's id.</summary>
    public const string OfBatch = "batch_";

    private const int KeyLength = 32;
    private const int Longest = 1024;
    private readonly byte[] _key;

    /// <summary>Those of a tenant.</summary>
    /// <param name="key">The workspace's.</param>
    /// <param name="tenant">The tenant's name.</param>
    public TenantIds(ReadOnlySpan<byte> key, string tenant)
    {
        _key = new byte[KeyLength];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, _key, salt: default, info: Encoding.UTF8.GetBytes($"tenant {tenant}"));
    }

    /// <summary>The id of something that a provider keeps; another one each time.</summary>
    /// <param name="beginning">What it is: <see cref="OfFile"/>, <see cref="OfResponse"/> or <see cref="OfBatch"/>.</param>
    /// <param name="place">Where it is.</param>
    public string Seal(string beginning, KeptPlace place) =>
        $"{beginning}{Mark}{Base64Url.EncodeToString(AesGcmBox.Close(_key, Encoding.UTF8.GetBytes($"{place.Provider}\n{place.Model}\n{place.Id}"), Encoding.UTF8.GetBytes(beginning)))}";

    /// <summary>Where something is; null: it is no id of this tenant's.</summary>
    /// <param name="beginning">What it must be.</param>
    /// <param name="id">As the client wrote it.</param>
    public KeptPlace? Open(string beginning, string id)
    {
        if (id.Length > Longest || !id.StartsWith(beginning + Mark, StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            var box = Base64Url.DecodeFromChars(id.AsSpan(beginning.Length + Mark.Length));
            return Encoding.UTF8.GetString(AesGcmBox.Open(_key, box, Encoding.UTF8.GetBytes(beginning))).Split('\n', 3) is [var provider, var model, var kept]
                ? new KeptPlace(provider, model, kept)
                : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }
}

/// <summary>Where something is kept.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Model">The model by which it came there: who may use that may use it.</param>
/// <param name="Id">As the provider calls it.</param>
internal sealed record KeptPlace(string Provider, string Model, string Id);
