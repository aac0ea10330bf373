using System.Text;
using Sluice.Edge.Kept;

namespace Sluice.Tests.Unit.Edge.Kept;

/// <summary>Where requests name what providers keep.</summary>
public sealed class KeptReferencesTests
{
    [Fact]
    public void Fields_that_hold_ids_are_found_and_replaced_and_all_other_bytes_stay()
    {
        var body = Encoding.UTF8.GetBytes("""
            { "a": "file-1", "messages": [{"file": {"file_id" : "file-2", "x": ["file-3"]}}],
              "tools": [{"container": {"file_ids": ["file-4", 5, {}, [[]], "file-5"], "b": "file-6"}, "parameters": {"file_id": "x"}}], "metadata": {"file_id": "x"},
              "previous_response_id": "resp_1", "x": {"previous_response_id": "resp_2"}, "file_id": {"c": "file-7"}, "file_ids": [{"d": "file-8"}] }
            """);

        var found = KeptReferences.Find(body);
        var replaced = KeptReferences.Replace(body, found, [.. found.Select((_, i) => new KeptPlace("p", "m", $"k\"{i}"))]);

        Assert.Equal(["file-2", "file-4", "file-5", "resp_1", "file-8"], found.Select(r => r.Id));
        var expected = Encoding.UTF8.GetString(body);
        foreach (var (reference, i) in found.Select((r, i) => (r, i)))
        {
            expected = expected.Replace($"\"{reference.Id}\"", $"\"k\\u0022{i}\"", StringComparison.Ordinal);
        }

        Assert.Equal(expected, Encoding.UTF8.GetString(replaced.Span));
    }

    [Theory]
    [InlineData("{\"file_id\":\"a\"}", "a")]
    [InlineData("{\"\\u0066ile_id\":\"a\"}", "a")]
    [InlineData("{\"file\\u005Fid\":\"\\u0061\"}", "a")]
    [InlineData("{\"fil\\u0065_ids\":[\"a\"]}", "a")]
    [InlineData("{\"previous_respons\\u0065_id\":\"a\"}", "a")]
    [InlineData("{\"file_id\":\"\\ud800\"}", "")]
    public void However_a_name_is_written_it_is_seen(string json, string id)
    {
        var body = Encoding.UTF8.GetBytes(json);

        Assert.True(KeptReferences.MayBeIn(body));
        Assert.Equal([id], KeptReferences.Find(body).Select(r => r.Id));
    }

    [Theory]
    [InlineData("{\"messages\":[{\"content\":\"\\u00e4 \\u003c \\u000a \\u20ac file\"}]}")]
    [InlineData("{\"a\":\"\\u00")]
    public void Usual_bodies_are_not_looked_at_again(string json) => Assert.False(KeptReferences.MayBeIn(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void What_is_no_JSON_names_nothing() => Assert.Empty(KeptReferences.Find("{\"file_id\": \"a\", "u8));
}
