using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Sluice.Grains.Interfaces.Sealing;
using Sluice.Grains.Sealing;

namespace Sluice.Silo.Console.Session;

/// <summary>
/// Seals what the console gives to browsers (AES-256-GCM) under a key that the cluster's keyring derives: every silo opens what another sealed, also after a
/// restart, and no further key is kept anywhere. What was sealed for one purpose opens for no other.
/// </summary>
internal sealed class KeyringProtection(KeyringSource keyring) : IDataProtectionProvider
{
    private byte[]? _key;

    /// <summary>Gets the key; to be called before anything is sealed or opened.</summary>
    public async Task ReadyAsync() => _key ??= (await keyring.GetAsync()).Derive("the console");

    public IDataProtector CreateProtector(string purpose) => new Protector(this, Extend("", purpose));

    // Each part with its length before it: no two lists of purposes are written alike.
    private static string Extend(string before, string purpose) => FormattableString.Invariant($"{before}{purpose.Length}:{purpose}");

    private sealed class Protector(KeyringProtection owner, string purposes) : IDataProtector
    {
        private readonly byte[] _associated = Encoding.UTF8.GetBytes(purposes);

        private byte[] Key => owner._key ?? throw new CryptographicException("The cluster's keyring was not read yet.");

        public IDataProtector CreateProtector(string purpose) => new Protector(owner, Extend(purposes, purpose));

        public byte[] Protect(byte[] plaintext) => AesGcmBox.Close(Key, plaintext, _associated);

        public byte[] Unprotect(byte[] protectedData) => AesGcmBox.Open(Key, protectedData, _associated);
    }
}
