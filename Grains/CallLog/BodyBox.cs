using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Sealing;

namespace Sluice.Grains.CallLog;

/// <summary>Bodies as a file: compressed JSON, sealed under the tenant's key (AES-256-GCM) and bound to the file's name.</summary>
internal static class BodyBox
{
    private const int KeyLength = 32;

    /// <summary>A new key of a tenant.</summary>
    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(KeyLength);

    /// <summary>The file.</summary>
    public static byte[] Close(byte[] key, string name, IReadOnlyList<CallBody> bodies)
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            JsonSerializer.Serialize(brotli, bodies);
        }

        return AesGcmBox.Close(key, packed.ToArray(), Encoding.UTF8.GetBytes(name));
    }

    /// <summary>What is in a file.</summary>
    /// <exception cref="CryptographicException">It was sealed under another key or name, or altered.</exception>
    public static List<CallBody> Open(byte[] key, string name, byte[] file)
    {
        using var packed = new MemoryStream(AesGcmBox.Open(key, file, Encoding.UTF8.GetBytes(name)));
        using var brotli = new BrotliStream(packed, CompressionMode.Decompress);
        return JsonSerializer.Deserialize<List<CallBody>>(brotli) ?? [];
    }
}
