using Sluice.Grains.Interfaces.Sealing;

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
    /// <summary>Whether there is one, good or not; else a first start makes it.</summary>
    public static bool IsThere(SealingOptions options) => options.RootKey is { Length: > 0 } || File.Exists(options.RootKeyFile);

    /// <summary>Reads the key, or makes the file at a first start.</summary>
    /// <exception cref="InvalidOperationException">It is not a key, or others may read the file.</exception>
    public static byte[] Load(SealingOptions options) => KeyFile.Load(options.RootKey, "SLUICE__ROOTKEY", options.RootKeyFile);
}
