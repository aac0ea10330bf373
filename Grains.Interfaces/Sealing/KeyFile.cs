using System.Security.Cryptography;
using System.Text;

namespace Sluice.Grains.Interfaces.Sealing;

/// <summary>A 256-bit key that is given as text, or kept in a file of mode 0600 which the first start makes.</summary>
public static class KeyFile
{
    private const int Length = 32;

    /// <summary>Reads the key, or makes the file.</summary>
    /// <param name="text">The key, 32 bytes in base64; null or empty: it is in the file.</param>
    /// <param name="setting">What the text is called where it is set, for errors.</param>
    /// <param name="file">The file's path.</param>
    /// <exception cref="InvalidOperationException">It is not a key, or others may read the file.</exception>
    public static byte[] Load(string? text, string setting, string file)
    {
        if (text is { Length: > 0 })
        {
            return Parse(text, setting);
        }

        if (file.Length == 0)
        {
            throw new InvalidOperationException($"No key is set: give {setting} (32 bytes in base64) or a folder for its file.");
        }

        if (!File.Exists(file))
        {
            // Of silos that start at once one makes the key, and none reads half of it.
            OwnerOnlyFile.Write(file, Encoding.ASCII.GetBytes($"{Convert.ToBase64String(RandomNumberGenerator.GetBytes(Length))}\n"), flush: true, overwrite: false);
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~OwnerOnlyFile.Mode) != UnixFileMode.None)
        {
            throw new InvalidOperationException($"{file} may be read by others than its owner. Set its mode to 0600; if others had access, change the key.");
        }

        return Parse(File.ReadAllText(file), file);
    }

    private static byte[] Parse(string text, string source)
    {
        var key = new byte[Length + 1];
        return Convert.TryFromBase64String(text.Trim(), key, out var length) && length == Length
            ? key[..Length]
            : throw new InvalidOperationException($"{source} must hold 32 bytes in base64.");
    }
}
