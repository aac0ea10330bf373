using System.Globalization;
using System.Text;
using Sluice.Edge.Realtime;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Edge.Realtime;

/// <summary>What is read of a provider's events while they pass.</summary>
public sealed class EventScanTests
{
    private const string Done = """
        { "event_id": "e", "response": { "output": [{"type":"response.created","usage":{"input_tokens":7}}, "a\"b\\"], "metadata": {"usage":{"input_tokens":9}}, "status": "completed",
          "usage": {"total_tokens":30,"input_tokens":20,"output_tokens":10,"input_token_details":{"cached_tokens":4,"audio_tokens":12},"output_token_details":{"audio_tokens":6}} , "status_details": null }, "type" : "response.done" }
        """;

    [Fact]
    public void The_usage_of_a_response_is_read_however_the_message_is_cut()
    {
        var bytes = Encoding.UTF8.GetBytes(Done);
        var scan = new EventScan();
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(RealtimeEventKind.Other, scan.Read(bytes.AsSpan(0, cut), isEnd: false).Kind);
            Expect(scan.Read(bytes.AsSpan(cut), isEnd: true));
        }

        foreach (var one in bytes.AsSpan(0, bytes.Length - 1))
        {
            scan.Read([one], isEnd: false);
        }

        Expect(scan.Read(bytes.AsSpan(bytes.Length - 1), isEnd: true));

        static void Expect(RealtimeEvent told)
        {
            Assert.Equal((RealtimeEventKind.Done, false), (told.Kind, told.HasFailed));
            Assert.Equal(new TokenCounts { Input = 20, CachedRead = 4, InputAudio = 12, Output = 10, OutputAudio = 6 }, told.Usage);
        }
    }

    [Theory]
    [InlineData("""{"type":"response.created","response":{"usage":null}}""", 1, false)]
    [InlineData("""{"type":"response.done","response":{"status":"failed","usage":null}}""", 2, true)]
    [InlineData("""{"type":"response.done","response":{"status":"cancelled"}}""", 2, false)]
    [InlineData("""{"type":"response.output_text.delta","delta":"{\"type\":\"response.done\"}"}""", 0, false)]
    [InlineData("""{"item":{"type":"response.done"},"type":"conversation.item.created"}""", 0, false)]
    [InlineData("""["type","response.done"]""", 0, false)]
    [InlineData("""{"type":"response.done","usage":{"input_tokens":7},"response":{"status":"completed"}}""", 2, false)]
    [InlineData("""{"type":"conversation.item.input_audio_transcription.completed","usage":{"type":"duration","seconds":3}}""", 3, false)]
    [InlineData("""{"type":"conversation.item.input_audio_transcription.completed","response":{"usage":{"input_tokens":7}}}""", 3, false)]
    [InlineData("""{"type":"response.done","response":{""", 0, false)]
    [InlineData("no JSON", 0, false)]
    [InlineData("", 0, false)]
    public void Of_other_events_nothing_is_taken_for_usage(string message, int kind, bool hasFailed)
    {
        var scan = new EventScan();
        var told = scan.Read(Encoding.UTF8.GetBytes(message), isEnd: true);
        Assert.Equal(((RealtimeEventKind)kind, hasFailed), (told.Kind, told.HasFailed));
        Assert.Null(told.Usage);
        Assert.Equal(RealtimeEventKind.Created, scan.Read("""{"type":"response.created"}"""u8, isEnd: true).Kind);
    }

    [Theory]
    [InlineData("""{"type":"conversation.item.input_audio_transcription.completed","transcript":"\"usage\":{}","usage":{"type":"tokens","total_tokens":22,"input_tokens":13,"input_token_details":{"text_tokens":0,"audio_tokens":13},"output_tokens":9}}""")]
    [InlineData("""{"usage":{"input_tokens":13,"input_token_details":{"audio_tokens":13},"output_tokens":9},"item_id":"i","type":"conversation.item.input_audio_transcription.completed"}""")]
    public void The_usage_of_a_transcription_is_its_events_own(string message)
    {
        var told = new EventScan().Read(Encoding.UTF8.GetBytes(message), isEnd: true);

        Assert.Equal((RealtimeEventKind.Transcribed, new TokenCounts { Input = 13, InputAudio = 13, Output = 9 }), (told.Kind, told.Usage));
    }

    [Theory]
    [InlineData("""{"type":"conversation.item.input_audio_transcription.completed","transcript":"hello","usage":{"type":"duration","seconds":3.25}}""", "3.25")]
    [InlineData("""{"usage":{"seconds":3,"type":"duration"},"type":"conversation.item.input_audio_transcription.completed"}""", "3")]
    [InlineData("""{"usage":{"type":"duration","seconds":-1},"type":"conversation.item.input_audio_transcription.completed"}""", null)]
    [InlineData("""{"usage":{"total_tokens":5,"input_tokens":3,"seconds":9},"type":"conversation.item.input_audio_transcription.completed"}""", null)]
    [InlineData("""{"type":"response.done","usage":{"seconds":3},"response":{"usage":{"seconds":3}}}""", null)]
    public void The_length_of_what_was_transcribed_is_told_where_tokens_are_not(string message, string? seconds)
    {
        var bytes = Encoding.UTF8.GetBytes(message);
        var scan = new EventScan();
        scan.Read(bytes.AsSpan(0, 10), isEnd: false);
        var told = scan.Read(bytes.AsSpan(10), isEnd: true);

        Assert.Equal(seconds is null ? null : decimal.Parse(seconds, CultureInfo.InvariantCulture), told.Seconds);
        Assert.Equal(told.Kind is RealtimeEventKind.Transcribed ? bytes.Length : 0, told.Bytes);
    }

    [Fact]
    public void A_usage_longer_than_any_is_told_as_none()
    {
        var message = $$"""{"type":"response.done","response":{"usage":{"input_tokens":1,"odd":"{{new string('x', 5_000)}}"} } }""";
        Assert.Equal(new RealtimeEvent(RealtimeEventKind.Done, null, HasFailed: false), new EventScan().Read(Encoding.UTF8.GetBytes(message), isEnd: true));
    }
}
