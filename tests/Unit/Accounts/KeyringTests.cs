using System.Security.Cryptography;
using System.Text;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Sealing;

namespace Sluice.Tests.Unit.Accounts;

public sealed class KeyringTests
{
    private static readonly byte[] Root = RandomNumberGenerator.GetBytes(32);
    private static readonly Keyring Ring = Keyring.Unwrap(Root, Keyring.CreateWrapped(Root));
    private static readonly SealContext Context = new("default", "Secret", "openai", 1);

    [Fact]
    public void What_is_sealed_opens_in_its_own_context_only()
    {
        var text = Ring.Seal(Context, "sk-canary"u8);
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
        Assert.Equal("sk-canary", Encoding.UTF8.GetString(Ring.Open(Context, text)));
        Assert.ThrowsAny<CryptographicException>(() => Ring.Open(Context with { Name = "other" }, text));
        Assert.ThrowsAny<CryptographicException>(() => Ring.Open(Context with { Version = 2 }, text));
    }

    [Fact]
    public void A_changed_character_is_noticed_wherever_it_stands()
    {
        var text = Ring.Seal(Context, "sk-canary"u8);
        for (var i = 0; i < text.Length - 1; i++)
        {
            var changed = new StringBuilder(text) { [i] = text[i] == 'A' ? 'B' : 'A' }.ToString();
            Assert.ThrowsAny<CryptographicException>(() => Ring.Open(Context, changed));
        }
    }

    [Fact]
    public void Another_root_key_is_told_as_such()
    {
        var wrapped = Keyring.CreateWrapped(Root);
        var error = Assert.Throws<InvalidOperationException>(() => Keyring.Unwrap(RandomNumberGenerator.GetBytes(32), wrapped));
        Assert.Contains("root key", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_mistyped_key_is_refused_by_its_checksum()
    {
        var key = KeyFormat.Create(KeyFormat.ClientPrefix);
        Assert.True(KeyFormat.IsWellFormed(key, KeyFormat.ClientPrefix));
        for (var i = 0; i < key.Length; i++)
        {
            var changed = new StringBuilder(key) { [i] = key[i] == 'x' ? 'y' : 'x' }.ToString();
            Assert.False(KeyFormat.IsWellFormed(changed, KeyFormat.ClientPrefix));
        }
    }
}
