using System.Buffers;
using System.Text;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Edge.Dialects.Translation;

/// <summary>Streams that the gateway cuts end as their dialect ends them whose cap is reached.</summary>
public sealed class CutStreamTests
{
    private const string Stream =
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"c\",\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}\n\n"
        + "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
        + "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
        + "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
        + "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"words\"}}\n\n";

    private static readonly TokenCounts Used = new() { Input = 7, Output = 5 };

    [Fact]
    public void One_that_passes_untouched_closes_its_open_block()
    {
        using var tap = new StreamTap(hideUsage: false, dialect: DialectTable.Anthropic, mayBeCut: true);
        tap.Pass(Encoding.UTF8.GetBytes(Stream), new ArrayBufferWriter<byte>());
        Assert.Equal((7, 6), (tap.Usage?.Input, tap.OutputSeen));
        tap.Cut();
        var end = Encoding.UTF8.GetString(DialectTable.Anthropic.WriteEnding(new StreamCut(tap.Last, 1, tap.Finished, Used)));

        Assert.StartsWith("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\nevent: message_delta\n", end, StringComparison.Ordinal);
        Assert.Contains("\"stop_reason\":\"max_tokens\"", end, StringComparison.Ordinal);
        Assert.Contains("\"output_tokens\":5", end, StringComparison.Ordinal);
        Assert.EndsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", end, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_translated_ends_in_the_callers_dialect()
    {
        var losses = new Losses();
        using var translation = new StreamTranslation(DialectTable.Anthropic.ReadStream(losses), DialectTable.OpenAI.WriteStream(new Asked(true, 0), losses));
        var passed = Translating.Pass(DialectTable.Anthropic, Encoding.UTF8.GetBytes(Stream), translation, 9);
        var output = new ArrayBufferWriter<byte>();
        translation.Cut(Used, 1, UInt128.Zero, output);

        var told = Told.OfStream(DialectTable.OpenAI, [.. passed, .. output.WrittenSpan]);
        Assert.Equal(new Told("words", "", "", StopReason.Length, 7, 5), told);
    }
}
