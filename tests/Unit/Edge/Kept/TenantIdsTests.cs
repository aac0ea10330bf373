using System.Text;
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

    [Fact]
    public void Only_fields_that_hold_ids_are_replaced_and_all_other_bytes_stay()
    {
        var body = Encoding.UTF8.GetBytes("""
            { "a": "file-sluice.1", "messages": [{"file": {"file_id" : "file-sluice.2", "x": ["file-sluice.3"]}}],
              "tools": [{"container": {"file_ids": ["file-sluice.4", "own", "file-sluice.5"], "b": "file-sluice.6"}}], "previous_response_id": "resp_sluice.9", "x": {"previous_response_id": "resp_sluice.10"}, "file_id": {"c": "file-sluice.7"}, "file_ids": [{"d": "file-sluice.8"}] }
            """);

        var found = KeptReferences.Find(body);
        var replaced = KeptReferences.Replace(body, found, [.. found.Select((_, i) => Place with { Id = $"k\"{i}" })]);

        Assert.Equal(["file-sluice.2", "file-sluice.4", "file-sluice.5", "resp_sluice.9"], found.Select(r => r.Id));
        Assert.Equal(
            Encoding.UTF8.GetString(body).Replace("\"file-sluice.2\"", "\"k\\u00220\"", StringComparison.Ordinal).Replace("\"file-sluice.4\"", "\"k\\u00221\"", StringComparison.Ordinal).Replace("\"file-sluice.5\"", "\"k\\u00222\"", StringComparison.Ordinal).Replace("\"resp_sluice.9\"", "\"k\\u00223\"", StringComparison.Ordinal),
            Encoding.UTF8.GetString(replaced.Span));
        Assert.Empty(KeptReferences.Find("{\"file_id\": \"sluice.\", "u8));
    }
}
