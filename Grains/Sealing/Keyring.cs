using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sluice.Grains.Interfaces.Sealing;

namespace Sluice.Grains.Sealing;

/// <summary>
/// Seals secrets at rest: each value under a data key of its own (AES-256-GCM), the data key under this ring's key-encryption key, that one under the root
/// key. The text form is <c>v1.keyId.wrappedDataKey.box</c>. Immutable; safe for concurrent use. See docs/security.md.
/// </summary>
public sealed class Keyring
{
    private const int KeyLength = 32;
    private const string Schema = "v1";
    private readonly string _id;
    private readonly byte[] _key;
    private readonly byte[] _fingerprintKey;

    private Keyring(string id, byte[] key)
    {
        (_id, _key) = (id, key);
        _fingerprintKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyLength, info: "sluice fingerprint"u8.ToArray());
    }

    /// <summary>Seals a value; the context is bound to it, so that a sealed value moved elsewhere does not open.</summary>
    public string Seal(SealContext context, ReadOnlySpan<byte> clear)
    {
        var dataKey = RandomNumberGenerator.GetBytes(KeyLength);
        var associated = Associate(context);
        return $"{Schema}.{_id}.{Text(AesGcmBox.Close(_key, dataKey, associated))}.{Text(AesGcmBox.Close(dataKey, clear, associated))}";
    }

    /// <summary>Opens what <see cref="Seal"/> made.</summary>
    /// <exception cref="CryptographicException">Altered, moved, or sealed under a key that is not in the ring.</exception>
    public byte[] Open(SealContext context, string @sealed)
    {
        var parts = @sealed.Split('.');
        if (parts.Length != 4 || !string.Equals(parts[0], Schema, StringComparison.Ordinal))
        {
            throw new CryptographicException("A sealed value has not the form v1.keyId.key.box.");
        }

        if (!string.Equals(parts[1], _id, StringComparison.Ordinal))
        {
            throw new CryptographicException($"A value was sealed under key '{parts[1]}', which is not in the keyring.");
        }

        var associated = Associate(context);
        return AesGcmBox.Open(AesGcmBox.Open(_key, Bytes(parts[2]), associated), Bytes(parts[3]), associated);
    }

    /// <summary>Tells values apart without showing them: a keyed hash, 16 hex digits, the same for the same value in this cluster.</summary>
    public string Fingerprint(ReadOnlySpan<byte> clear) => Convert.ToHexStringLower(HMACSHA256.HashData(_fingerprintKey, clear).AsSpan(0, 8));

    /// <summary>A key of 256 bits for one purpose: the same each time in this cluster, and of no use for any other.</summary>
    public byte[] Derive(string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, KeyLength, info: Encoding.UTF8.GetBytes($"sluice for {purpose}"));

    /// <summary>A new ring, wrapped for storage.</summary>
    internal static string CreateWrapped(byte[] rootKey)
    {
        var id = RandomNumberGenerator.GetHexString(8, lowercase: true);
        return $"{Schema}.{id}.{Text(AesGcmBox.Close(rootKey, RandomNumberGenerator.GetBytes(KeyLength), Encoding.UTF8.GetBytes($"keyring {id}")))}";
    }

    /// <summary>Unwraps a stored ring.</summary>
    /// <exception cref="InvalidOperationException">The root key is another one.</exception>
    internal static Keyring Unwrap(byte[] rootKey, string wrapped)
    {
        var parts = wrapped.Split('.');
        try
        {
            return new Keyring(parts[1], AesGcmBox.Open(rootKey, Bytes(parts[2]), Encoding.UTF8.GetBytes($"keyring {parts[1]}")));
        }
        catch (CryptographicException e)
        {
            throw new InvalidOperationException("The root key is not the one that this cluster's keyring was wrapped with. Restore the right root key; nothing that was sealed can be opened without it.", e);
        }
    }

    // Each part with its length before it, so that no two contexts give the same bytes.
    private static byte[] Associate(SealContext context)
    {
        using var bytes = new MemoryStream();
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in new[] { context.Workspace, context.Kind, context.Name, context.Version.ToString(CultureInfo.InvariantCulture), Schema })
        {
            var utf8 = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
            bytes.Write(length);
            bytes.Write(utf8);
        }

        return bytes.ToArray();
    }

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private static byte[] Bytes(string text)
    {
        try
        {
            return Base64Url.DecodeFromChars(text);
        }
        catch (FormatException e)
        {
            throw new CryptographicException("A sealed value is not base64url.", e);
        }
    }
}

/// <summary>What a sealed value is bound to.</summary>
public readonly record struct SealContext(string Workspace, string Kind, string Name, int Version);
