using System.Security.Cryptography;

namespace Sluice.Grains.Sealing;

/// <summary>Where the root key comes from.</summary>
public sealed class SealingOptions
{
    /// <summary>The root key itself, 32 bytes in base64 (<c>SLUICE__ROOTKEY</c>); null: the file is used.</summary>
    public string? RootKey { get; set; }

    /// <summary>The file of the root key, made with mode 0600 at the first start.</summary>
    public string RootKeyFile { get; set; } = "";
}

/// <summary>The 256-bit key that wraps the keyring. It never leaves the process and is stored apart from what it protects.</summary>
public static class RootKey
{
    private const int Length = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Whether there is one, good or not; else a first start makes it.</summary>
    public static bool IsThere(SealingOptions options) => options.RootKey is { Length: > 0 } || File.Exists(options.RootKeyFile);

    /// <summary>Reads the key, or makes the file at a first start.</summary>
    /// <exception cref="InvalidOperationException">It is not a key, or others may read the file.</exception>
    public static byte[] Load(SealingOptions options)
    {
        if (options.RootKey is { Length: > 0 } text)
        {
            return Parse(text, "SLUICE__ROOTKEY");
        }

        var file = options.RootKeyFile;
        if (file.Length == 0)
        {
            throw new InvalidOperationException("No root key is set: give SLUICE__ROOTKEY (32 bytes in base64) or a data folder for its file.");
        }

        if (!File.Exists(file))
        {
            Create(file);
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~OwnerOnly) != UnixFileMode.None)
        {
            throw new InvalidOperationException($"{file} may be read by others than its owner. Set its mode to 0600; if others had access, change the root key.");
        }

        return Parse(File.ReadAllText(file), file);
    }

    private static void Create(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        // Made beside its place and linked into it whole: of silos that start at once one makes the key, and none reads half of it.
        var draft = $"{file}.{Guid.NewGuid():n}";
        using (var stream = new FileStream(draft, options))
        using (var writer = new StreamWriter(stream))
        {
            writer.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Length)));
            writer.Flush();
            stream.Flush(flushToDisk: true);
        }

        try
        {
            File.Move(draft, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(draft);
        }
    }

    private static byte[] Parse(string text, string source)
    {
        var key = new byte[Length + 1];
        return Convert.TryFromBase64String(text.Trim(), key, out var length) && length == Length
            ? key[..Length]
            : throw new InvalidOperationException($"{source} must hold 32 bytes in base64.");
    }
}
