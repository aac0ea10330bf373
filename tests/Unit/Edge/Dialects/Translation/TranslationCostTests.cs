using System.Buffers;
using System.Text;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Tests.Unit.Edge.Dialects.Translation;

/// <summary>What a translation allocates: a request of 4 KB with its answer below 20 KB, an event of a stream below 200 bytes.</summary>
public sealed class TranslationCostTests
{
    [Fact]
    public void A_request_of_4_KB_and_its_answer_allocate_less_than_20_KB()
    {
        var said = string.Join(',', Enumerable.Range(0, 10).Select(i => $$"""{"role":"{{(i % 2 == 0 ? "user" : "assistant")}}","content":"{{new string('x', 330)}}"}"""));
        var request = Encoding.UTF8.GetBytes($$"""{"model":"m","temperature":0.5,"max_tokens":100,"messages":[{{said}}]}""");
        var answer = Encoding.UTF8.GetBytes($$"""{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"{{new string('x', 500)}}"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2} }""");

        var bytes = Allocated(50, () =>
        {
            var json = Json.OfBody(request);
            var losses = new Losses();
            var sent = Sluice.Edge.Pipeline.Translations.Write(
                Sluice.Edge.Pipeline.Translations.Read(DialectTable.OpenAI, json, losses), DialectTable.Anthropic, null, losses, out _);
            ArrayPool<byte>.Shared.Return(sent);
            _ = Translating.Answer(DialectTable.Anthropic, DialectTable.OpenAI, answer);
        });
        Assert.InRange(bytes, 1, 20_000);
    }

    [Fact]
    public void An_event_of_a_stream_allocates_less_than_200_bytes()
    {
        ReadOnlySpan<byte> ofOpenAI = """{"id":"c","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[{"index":0,"delta":{"content":"word "},"finish_reason":null}]}"""u8;
        ReadOnlySpan<byte> ofAnthropic = """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"word "}}"""u8;
        ReadOnlySpan<byte> ofResponses = """{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"word ","logprobs":[]}"""u8;
        ReadOnlySpan<byte> ofGemini = """{"candidates":[{"content":{"parts":[{"text":"word "}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":1,"totalTokenCount":6},"modelVersion":"m","responseId":"r"}"""u8;
        foreach (var (from, to) in Translating.AnswerWays.Where(way => Translating.RequestWays.Contains(way)))
        {
            var losses = new Losses();
            using var translation = new StreamTranslation(from.ReadStream(losses), to.WriteStream(new Asked(true, 0), losses));
            var data = (from == DialectTable.OpenAI ? ofOpenAI : from == DialectTable.Responses ? ofResponses : from == DialectTable.Gemini ? ofGemini : ofAnthropic).ToArray();
            var output = new ArrayBufferWriter<byte>(1 << 20);
            Assert.InRange(Allocated(500, () => translation.Take(data, output)), 0, 200);
        }
    }

    private static long Allocated(int times, Action act)
    {
        act();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < times; i++)
        {
            act();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / times;
    }
}
