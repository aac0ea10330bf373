using System.Buffers.Text;
using System.Text;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Tests.Cluster.Tenants;

/// <summary>What the database's files hold of keys.</summary>
public sealed class StoredKeyTests : IAsyncLifetime
{
    private readonly ClusterFixture _cluster = new();

    public ValueTask InitializeAsync() => _cluster.InitializeAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_keys_hash_is_stored_and_the_key_in_no_form()
    {
        var keys = new TenantKeys(_cluster);
        var key = (await keys.CreateAsync("acme")).Secret;
        var admin = (await _cluster.Client.GetGrain<IAdminKeysGrain>(IAdminKeysGrain.Key).CreateAsync("ops", AdminRole.Viewer, Author.System)).Secret;

        string[] hashes = [await keys.HashAsync(key), await keys.HashAsync(admin)];

        var stored = await ReadAsync();

        Assert.All(hashes, hash => Assert.True(Holds(stored, Encoding.UTF8.GetBytes(hash)), "the hash is not where this test looks"));
        foreach (var (form, bytes) in Forms(key).Concat(Forms(admin)))
        {
            Assert.False(Holds(stored, bytes), $"the key is stored as {form}");
        }
    }

    private static bool Holds(byte[] stored, byte[] searched) => stored.AsSpan().IndexOf(searched) >= 0;

    // A part of the key is looked for, so that no boundary of pages hides a whole one: its 43 random characters, and of base64 what no neighbour changes.
    private static IEnumerable<(string Form, byte[] Bytes)> Forms(string key)
    {
        var body = key[(key.LastIndexOf('_') + 1)..][..43];
        var utf8 = Encoding.UTF8.GetBytes(body);
        foreach (var part in new[] { body[..20], body[20..] })
        {
            yield return ("it is", Encoding.UTF8.GetBytes(part));
            yield return ("UTF-16", Encoding.Unicode.GetBytes(part));
            yield return ("hex", Encoding.ASCII.GetBytes(Convert.ToHexString(Encoding.UTF8.GetBytes(part))));
            yield return ("lower-case hex", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(part))));
        }

        for (var shift = 0; shift < 3; shift++)
        {
            var whole = (utf8.Length - shift) / 3 * 3;
            yield return ($"base64, shifted by {shift}", Encoding.ASCII.GetBytes(Convert.ToBase64String(utf8, shift, whole)));
            yield return ($"URL-safe base64, shifted by {shift}", Encoding.ASCII.GetBytes(Base64Url.EncodeToString(utf8.AsSpan(shift, whole))));
        }
    }

    private async Task<byte[]> ReadAsync()
    {
        using var all = new MemoryStream();
        foreach (var file in Directory.EnumerateFiles(_cluster.Folder))
        {
            await using var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await content.CopyToAsync(all, TestContext.Current.CancellationToken);
        }

        return all.ToArray();
    }
}
