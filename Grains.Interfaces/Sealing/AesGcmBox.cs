using System.Security.Cryptography;

namespace Sluice.Grains.Interfaces.Sealing;

/// <summary>AES-256-GCM with a random nonce of 96 bits and a tag of 128: nonce, ciphertext, tag (NIST SP 800-38D).</summary>
public static class AesGcmBox
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <summary>Encrypts; what is associated is not hidden but bound.</summary>
    public static byte[] Close(ReadOnlySpan<byte> key, ReadOnlySpan<byte> clear, ReadOnlySpan<byte> associated)
    {
        var box = new byte[NonceLength + clear.Length + TagLength];
        var nonce = box.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, clear, box.AsSpan(NonceLength, clear.Length), box.AsSpan(NonceLength + clear.Length), associated);
        return box;
    }

    /// <summary>Decrypts.</summary>
    /// <exception cref="CryptographicException">Another key, another context, or altered.</exception>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> box, ReadOnlySpan<byte> associated)
    {
        if (box.Length < NonceLength + TagLength)
        {
            throw new CryptographicException("A sealed value is too short.");
        }

        var clear = new byte[box.Length - NonceLength - TagLength];
        using var aes = new AesGcm(key, TagLength);
        aes.Decrypt(box[..NonceLength], box[NonceLength..^TagLength], box[^TagLength..], clear, associated);
        return clear;
    }
}
