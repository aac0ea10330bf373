namespace Sluice.Grains.Sealing;

/// <summary>Seals secrets at rest: envelope encryption as described in docs/security.md. Immutable; safe for concurrent use.</summary>
public sealed class Keyring
{
    /// <summary>Seals a value; the context is bound to it, so that a sealed value moved elsewhere does not open.</summary>
    public string Seal(SealContext context, ReadOnlySpan<byte> clear) => throw new NotSupportedException();

    /// <summary>Opens what <see cref="Seal"/> made.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">Altered, moved, or sealed under a key that is not in the ring.</exception>
    public byte[] Open(SealContext context, string @sealed) => throw new NotSupportedException();

    /// <summary>Tells values apart without showing them: a keyed hash, 16 hex digits, the same for the same value in this cluster.</summary>
    public string Fingerprint(ReadOnlySpan<byte> clear) => throw new NotSupportedException();
}

/// <summary>What a sealed value is bound to.</summary>
public readonly record struct SealContext(string Workspace, string Kind, string Name, int Version);

/// <summary>Gives the cluster's keyring, loaded once from storage and unwrapped with the root key.</summary>
public sealed class KeyringSource
{
    /// <summary>The keyring; made at the first call of a new cluster.</summary>
    public Task<Keyring> GetAsync() => throw new NotSupportedException();
}
