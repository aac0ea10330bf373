using System.Buffers;
using System.Text;
using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Edge.Dialects;

/// <summary>Where a stream that goes beyond its bound is cut, and how it ends then.</summary>
public sealed class StreamBoundTests
{
    private const string Done = "data: [DONE]\n\n";
    private const string Told = """data: {"choices":[{"index":0,"delta":{"content":"w"}}],"usage":{"prompt_tokens":3,"completion_tokens":11}}""" + "\n\n";

    [Fact]
    public void A_provider_that_sends_an_event_a_token_is_cut_after_eight_bytes_for_each_reserved_one_wherever_its_bytes_are_cut()
    {
        // Five bytes a token: 17 of them are more than 80 bytes.
        var stream = string.Concat(Enumerable.Repeat(Words("word "), 40)) + Done;
        var expected = string.Concat(Enumerable.Repeat(Words("word "), 17));
        foreach (var size in new[] { 1, 7, 500, 100_000 })
        {
            var (passed, tap) = Pass(stream, new StreamBound(10, 1), size);
            Assert.Equal(expected, passed);
            Assert.True(tap.IsCut);
            Assert.Equal(17, tap.WordEvents);
        }
    }

    [Theory]
    [InlineData("w", 80)] // a letter an event
    [InlineData("eight by", 10)]
    [InlineData("several words, altogether sixty-four bytes, or fewer, and no more", 9)]
    public void Words_that_may_be_within_the_cap_pass(string words, int events)
    {
        var stream = string.Concat(Enumerable.Repeat(Words(words), events)) + Done;
        Assert.Equal(stream, Pass(stream, new StreamBound(10, 1)).Passed);
    }

    [Fact]
    public void Large_events_are_cut_at_sixty_four_bytes_a_token()
    {
        var one = Words(new string('x', 320));
        Assert.Equal(one + one + one, Pass(one + one + one + one + Done, new StreamBound(10, 1)).Passed);
    }

    [Fact]
    public void Sound_images_names_and_numbers_are_no_words()
    {
        var stream = string.Concat(Enumerable.Repeat(
            """data: {"choices":[{"index":0,"delta":{"role":"assistant","audio":{"data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},"tool_calls":[{"index":0,"id":"call_0123456789","type":"function","function":{"name":"weather","arguments":"{"}}]}}]}""" + "\n\n",
            60)) + Done;
        Assert.Equal(stream, Pass(stream, new StreamBound(10, 1)).Passed);
    }

    [Fact]
    public void Usage_that_is_told_on_the_way_cuts_at_once_and_that_at_the_end_cuts_nothing()
    {
        const string End = """data: {"choices":[{"index":0,"delta":{"content":"w"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":11}}""" + "\n\n";
        const string Usage = """data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":11}}""" + "\n\n";

        Assert.Equal(Told, Pass(Told + Words("more") + Done, new StreamBound(10, 1)).Passed);
        Assert.Equal(Told + Words("more"), Pass(Told + Words("more"), new StreamBound(11, 1)).Passed);
        Assert.Equal(End + Usage + Done, Pass(End + Usage + Done, new StreamBound(10, 1)).Passed);
    }

    [Fact]
    public void The_ending_has_the_names_of_the_stream_and_ends_each_answer_that_has_not_ended()
    {
        var end = StreamEnding.Write(
            """{"id":"c-\u00e41","object":"chat.completion.chunk","created":1700000000,"choices":[{"id":"no"}],"model":"m","x":[1],"system_fingerprint":null}"""u8,
            3,
            UInt128.One << 1,
            new TokenCounts { Input = 4, Output = 9 });

        var events = Encoding.UTF8.GetString(end).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        const string Names = """{"id":"c-\u00e41","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[""";
        Assert.Equal(
            [
                "data: " + Names + """{"index":0,"delta":{},"finish_reason":"length"}]}""",
                "data: " + Names + """{"index":2,"delta":{},"finish_reason":"length"}]}""",
                "data: " + Names + """],"usage":{"prompt_tokens":4,"completion_tokens":9,"total_tokens":13}}""",
                "data: [DONE]",
            ],
            events);
        Assert.DoesNotContain("usage", Encoding.UTF8.GetString(StreamEnding.Write("{\"id\":\"a\""u8, 1, 0, null)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_can_have_come_is_what_was_told_and_a_token_a_byte_since()
    {
        using var tap = new StreamTap(hideUsage: false, new StreamBound(1_000, 1), mayBeCut: true);
        var output = new ArrayBufferWriter<byte>();
        Take(Words("four"));
        Take(Words("fives"));
        Assert.Equal(9, tap.OutputSeen);
        Take(Told);
        var told = tap.OutputSeen;
        Take(Words("six..."));
        Assert.Equal((11, 17), (told, tap.OutputSeen));
        Assert.False(tap.IsOver);

        tap.Cut();

        Assert.True(tap is { IsCut: true, IsOver: true });
        Assert.Contains("four", Encoding.UTF8.GetString(tap.Last.Span), StringComparison.Ordinal);

        void Take(string sse) => tap.Pass(Encoding.UTF8.GetBytes(sse), output);
    }

    [Fact]
    public void A_figure_below_the_events_that_had_words_is_not_believed()
    {
        using var tap = new StreamTap(hideUsage: false, new StreamBound(1_000, 1), mayBeCut: true);
        var zero = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word\"}}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":0,\"total_tokens\":1}}\n\n";
        tap.Pass(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(zero, 7))), new ArrayBufferWriter<byte>());

        Assert.Equal(7, tap.OutputSeen);
    }

    private static string Words(string text) => "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":" + JsonSerializer.Serialize(text) + "}}]}\n\n";

    private static (string Passed, StreamTap Tap) Pass(string stream, StreamBound bound, int size = 100_000)
    {
        using var tap = new StreamTap(hideUsage: false, bound);
        var output = new ArrayBufferWriter<byte>();
        foreach (var piece in Encoding.UTF8.GetBytes(stream).Chunk(size))
        {
            tap.Pass(piece, output);
        }

        tap.End(output);
        return (Encoding.UTF8.GetString(output.WrittenSpan), tap);
    }
}
