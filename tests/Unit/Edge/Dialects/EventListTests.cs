using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Gemini;

namespace Sluice.Tests.Unit.Edge.Dialects;

public sealed class EventListTests
{
    [Theory]
    [InlineData("data: {\"a\":1}\n\ndata: {\"a\":2}\n\n", "[{\"a\":1},\r\n{\"a\":2}]")]
    [InlineData("data: {\"a\":1}\r\n\r\ndata:{\"a\":2}\r\n\r\n", "[{\"a\":1},\r\n{\"a\":2}]")]
    [InlineData("data: {\"a\":1}\r\rdata: {\"a\":2}", "[{\"a\":1},\r\n{\"a\":2}]")]
    [InlineData("data: {\"a\":\r\ndata: 1}\r\n\r\n", "[{\"a\":\n1}]")]
    [InlineData(": ping\n\nevent: x\nid\ndata:\ndata: {\"a\":1}\n\n: ping\n\n", "[\n{\"a\":1}\n]")]
    [InlineData("data: {}\n\n: sluice-warnings answer.x: it has \"none\"\n\n", "[{},\r\n{\"sluiceWarnings\":\"answer.x: it has \\\"none\\\"\"}]")]
    [InlineData("{\"error\":{}}", "[{\"error\":{}}]")]
    [InlineData("", "")]
    public void Events_become_items_however_they_are_cut(string stream, string list)
    {
        var bytes = Encoding.UTF8.GetBytes(stream);
        for (var size = 1; size <= Math.Max(1, bytes.Length); size++)
        {
            var output = new ArrayBufferWriter<byte>();
            var events = new EventList();
            foreach (var piece in bytes.Chunk(size))
            {
                events.Take(piece, output);
            }

            events.End(output);
            Assert.Equal(list, Encoding.UTF8.GetString(output.WrittenSpan));
        }

        Assert.True(list.Length == 0 || JsonNode.Parse(list) is JsonArray);
    }

    [Fact]
    public void An_item_goes_out_when_its_bytes_came_and_a_long_comment_is_not_kept()
    {
        var output = new ArrayBufferWriter<byte>();
        var events = new EventList();
        events.Take("data: {\"a\":"u8, output);
        Assert.Equal("[{\"a\":", Encoding.UTF8.GetString(output.WrittenSpan));
        events.Take("1}\n\n"u8, output);
        events.Take(Encoding.UTF8.GetBytes($":{new string('x', 1_000_000)}\n\n"), output);
        events.End(output);
        Assert.Equal("[{\"a\":1}\n]", Encoding.UTF8.GetString(output.WrittenSpan));
    }
}
