using Sluice.Edge.Kept;

namespace Sluice.Tests.Unit.Edge.Kept;

/// <summary>The ids by which tenants name what providers keep for them.</summary>
public sealed class TenantIdsTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly KeptPlace Place = new("openai", "assistant", "file-AbC_123");
    private readonly TenantIds _ids = new(Key, "acme");

    [Fact]
    public void An_id_opens_for_its_tenant_and_for_what_it_is_alone()
    {
        var id = _ids.Seal(TenantIds.OfFile, Place);

        Assert.Equal(Place, _ids.Open(TenantIds.OfFile, id));
        Assert.Equal(Place, new TenantIds(Key, "acme").Open(TenantIds.OfFile, id));
        Assert.Null(new TenantIds(Key, "acme2").Open(TenantIds.OfFile, id));
        Assert.Null(new TenantIds([.. Key.Reverse()], "acme").Open(TenantIds.OfFile, id));
        Assert.Null(_ids.Open("batch_", id));
        Assert.Null(_ids.Open("batch_", "batch_" + id[TenantIds.OfFile.Length..]));
    }

    [Fact]
    public void An_id_shows_nothing_of_the_providers_and_needs_no_escape_in_an_address()
    {
        var id = _ids.Seal(TenantIds.OfFile, Place);

        Assert.StartsWith("file-sluice.", id, StringComparison.Ordinal);
        Assert.Equal(id, Uri.EscapeDataString(id));
        Assert.NotEqual(id, _ids.Seal(TenantIds.OfFile, Place));
        Assert.DoesNotContain("AbC_123", id, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_was_altered_or_cut_opens_as_nothing()
    {
        var id = _ids.Seal(TenantIds.OfFile, Place);
        for (var i = 0; i < id.Length; i++)
        {
            var altered = id[..i] + (id[i] is 'A' ? 'B' : 'A') + id[(i + 1)..];

            // The last letter of base64 may have bits that say nothing.
            Assert.True(_ids.Open(TenantIds.OfFile, altered) is null || (i == id.Length - 1 && _ids.Open(TenantIds.OfFile, altered) == Place), altered);
            Assert.Null(_ids.Open(TenantIds.OfFile, id[..i]));
        }

        Assert.All(["", "file-", "file-sluice.", "file-sluice.é", "file-sluice.AAAA", $"file-sluice.{new string('A', 5000)}", "file-AbC_123"], other => Assert.Null(_ids.Open(TenantIds.OfFile, other)));
    }
}
