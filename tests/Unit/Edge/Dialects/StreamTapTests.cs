using System.Text;
using CsCheck;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Edge.Dialects;

/// <summary>Streams of every framing that the standard allows, cut anywhere: what is read and passed on is always the same.</summary>
public sealed class StreamTapTests
{
    private const string Text = """{"choices":[{"index":0,"delta":{"content":"Hello"}}],"usage":null}""";
    private const string Usage = """{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}""";
    private const string LastWithUsage = """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}""";
    private static readonly TokenCounts Told = new() { Input = 7, Output = 3 };

    public static TheoryData<string, string> Framings => new()
    {
        { "line feeds", $"data: {Text}\n\ndata: {Usage}\n\ndata: [DONE]\n\n" },
        { "CRLF", $"data: {Text}\r\n\r\ndata: {Usage}\r\n\r\ndata: [DONE]\r\n\r\n" },
        { "CR alone", $"data: {Text}\r\rdata: {Usage}\r\rdata: [DONE]\r\r" },
        { "mixed line ends", $"data: {Text}\r\n\ndata: {Usage}\n\r\ndata: [DONE]\r\r\n" },
        { "no space after the colon", $"data:{Text}\n\ndata:{Usage}\n\ndata:[DONE]\n\n" },
        { "comments", $": keep-alive\n\n: and\ndata: {Text}\n: more\n\n: x\n\ndata: {Usage}\n\n:\n\ndata: [DONE]\n\n" },
        { "other fields", $"event: chunk\nid: 1\nretry: 5\ndata: {Text}\n\nevent: usage\ndata: {Usage}\ndatabase: no\n\ndata: [DONE]\n\n" },
        { "byte order mark", $"\u00ef\u00bb\u00bfdata: {Usage}\n\ndata: {Text}\n\ndata: [DONE]\n\n" },
        { "data of several lines", $"data: {Text}\n\ndata: {{\"choices\":[],\ndata: \"usage\":{{\"prompt_tokens\":7,\r\ndata:\ndata\ndata: \"completion_tokens\":3}}}}\n\ndata: [DONE]\n\n" },
        { "no last empty line", $"data: {Text}\n\ndata: {Usage}\n\ndata: [DONE]\n" },
        { "no last line end", $"data: {Text}\n\ndata: {Usage}\n\ndata: [DONE]" },
        { "empty lines between", $"\n\n\ndata: {Text}\n\n\n\n\ndata: {Usage}\n\n\ndata: [DONE]\n\n\n" },
        { "usage first", $"data: {Usage}\n\ndata: {Text}\n\ndata: [DONE]\n\n" },
        { "usage in each chunk", $"data: {LastWithUsage.Replace(":7", ":6", StringComparison.Ordinal)}\n\ndata: {Text}\n\ndata: {LastWithUsage}\n\ndata: [DONE]\n\n" },
        { "usage null after usage", $"data: {Usage}\n\ndata: {Text}\n\ndata: [DONE]\n\n" },
    };

    [Theory]
    [MemberData(nameof(Framings))]
    public void Every_framing_is_read_and_passed_whole(string framing, string stream)
    {
        var tapped = TappedStream.Of(Bytes(stream), hideUsage: false);
        Assert.True(stream.Equals(tapped.Passed, StringComparison.Ordinal), framing);
        Assert.Equal(Told, tapped.Usage);
        Assert.True(tapped.Done);
    }

    [Theory]
    [MemberData(nameof(Framings))]
    public void Cut_at_any_two_bytes_or_at_all_it_is_the_same(string framing, string stream)
    {
        var bytes = Bytes(stream);
        foreach (var hide in new[] { false, true })
        {
            var whole = TappedStream.Of(bytes, hide);
            Assert.True(whole == TappedStream.ByteByByte(bytes, hide), $"{framing}, byte by byte");
            for (var first = 0; first < bytes.Length; first++)
            {
                for (var second = first; second < Math.Min(bytes.Length, first + 6); second++)
                {
                    Assert.True(whole == TappedStream.Of(bytes, hide, first, second), $"{framing}, cut at {first} and {second}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Framings))]
    public void A_usage_event_that_nobody_asked_for_is_left_out_and_read(string framing, string stream)
    {
        var tapped = TappedStream.Of(Bytes(stream), hideUsage: true);
        Assert.Equal(Told, tapped.Usage);
        Assert.Equal(framing.Contains("each chunk", StringComparison.Ordinal), tapped.Passed.Contains("prompt_tokens", StringComparison.Ordinal));
        Assert.Contains("Hello", tapped.Passed, StringComparison.Ordinal);
        Assert.Contains("[DONE]", tapped.Passed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}""", 0L)]
    [InlineData("""{"choices":[{"delta":{}}],"x_groq":{"id":"r","usage":{"prompt_tokens":7,"completion_tokens":3}}}""", 10L)]
    [InlineData("""{"choices":[{"delta":{},"usage":{"prompt_tokens":7,"completion_tokens":3}}]}""", 10L)]
    [InlineData("""{"choices":[],"usage":null}""", null)]
    [InlineData("""{"choices":[],"usage":{}}""", null)]
    [InlineData("""{"choices":[]}""", null)]
    public void Zero_is_told_and_absent_is_not(string chunk, long? tokens)
    {
        var usage = TappedStream.Of(Bytes($"data: {chunk}\n\n"), hideUsage: false).Usage;
        Assert.Equal(tokens, usage?.Input + usage?.Output);
    }

    [Fact]
    public void A_usage_event_with_citations_in_it_is_kept()
    {
        var stream = $"data: {Usage.Replace("\"choices\"", "\"citations\":[\"https://example.org\"],\"choices\"", StringComparison.Ordinal)}\n\n";
        Assert.Equal(stream, TappedStream.Of(Bytes(stream), hideUsage: true).Passed);
    }

    [Fact]
    public void An_event_goes_out_in_the_read_that_completed_it()
    {
        using var tap = new StreamTap(hideUsage: true);
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        tap.Pass(Bytes($"data: {Text}\r\n\r"), output);
        Assert.Equal($"data: {Text}\r\n\r", Encoding.Latin1.GetString(output.WrittenSpan));
        tap.Pass(Bytes($"\ndata: {Text[..9]}"), output);
        Assert.Equal($"data: {Text}\r\n\r\n", Encoding.Latin1.GetString(output.WrittenSpan));
    }

    [Fact]
    public void An_event_longer_than_a_mebibyte_passes_unread_and_those_after_it_are_read()
    {
        var image = new string('A', StreamTap.LongestEvent);
        var stream = Bytes($"data: {Usage}\r\n\r\ndata: {{\"choices\":[{{\"delta\":{{\"image\":\"{image}\"}}}}]}}\r\n\r\ndata: {Usage}\r\n\r\ndata: [DONE]\r\n\r\n");
        var whole = TappedStream.Of(stream, hideUsage: true);
        Assert.Equal(Told, whole.Usage);
        Assert.True(whole.TextBytes > StreamTap.LongestEvent);
        Assert.DoesNotContain("prompt_tokens", whole.Passed, StringComparison.Ordinal);
        foreach (var size in new[] { 16 * 1024, 99_991, StreamTap.LongestEvent + 100 })
        {
            Assert.True(whole == TappedStream.Of(stream, hideUsage: true, [.. Enumerable.Range(1, stream.Length / size).Select(i => i * size)]), $"in pieces of {size}");
        }
    }

    [Fact]
    public void Any_bytes_at_all_pass_unchanged_however_they_are_cut()
    {
        var pieces = Gen.OneOf(
            AnyJson.OneOf("data: ", "data:", "data", "\n", "\r", "\r\n", "\n\n", ": c", "[DONE]", "\u00ef\u00bb\u00bf", Text, Usage, "{\"choices\":[{", "\"usage\":{\"prompt_tokens\":"),
            Gen.Byte.Array[0, 6].Select(b => Encoding.Latin1.GetString(b)));
        Gen.Select(pieces.Array[0, 40], Gen.Int[0, 200], Gen.Int[0, 200]).Sample((parts, a, b) =>
        {
            var bytes = Bytes(string.Concat(parts));
            var (first, second) = (Math.Min(a, b) % (bytes.Length + 1), Math.Max(a, b) % (bytes.Length + 1));
            int[] cuts = first <= second ? [first, second] : [second, first];
            Assert.Equal(Encoding.Latin1.GetString(bytes), TappedStream.Of(bytes, hideUsage: false, cuts).Passed);
            foreach (var hide in new[] { false, true })
            {
                var whole = TappedStream.Of(bytes, hide);
                Assert.Equal(whole, TappedStream.Of(bytes, hide, cuts));
                Assert.Equal(whole, TappedStream.ByteByByte(bytes, hide));
            }
        });
    }

    private static byte[] Bytes(string latin1) => Encoding.Latin1.GetBytes(latin1);
}
