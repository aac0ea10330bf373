using System.Buffers;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Published;

/// <summary>The same as a stream: events <c>{"text"}</c>, and <c>event: end</c> with why it ended and what was used.</summary>
internal sealed class PublishedEventWriter(Losses losses) : EventWriter
{
    private StopReason _stop;
    private TokenCounts _usage;

    public override void Write(in StreamEvent piece, IBufferWriter<byte> output)
    {
        switch (piece.Kind)
        {
            case StreamEventKind.Text or StreamEventKind.Refusal when piece.Candidate == 0:
                output.Write("data: {\"text\":"u8);
                output.Write(piece.Text.Span);
                output.Write("}\n\n"u8);
                break;
            case StreamEventKind.ToolCall:
                losses.Add("tool_calls", "a prompt's answer is text");
                break;
            case StreamEventKind.Stop when piece.Candidate == 0:
                _stop = piece.Stop;
                break;
            case StreamEventKind.Usage:
                _usage = piece.Usage;
                break;
            case StreamEventKind.Ping:
                output.Write(": ping\n\n"u8);
                break;
            case StreamEventKind.End:
                End(output);
                break;
            case StreamEventKind.Error:
                output.Write(DialectTable.Published.WriteFailureEvent(piece.Failure!));
                break;
            default:
                break;
        }
    }

    private void End(IBufferWriter<byte> output)
    {
        SseLines.WriteLosses(output, losses, 0);
        output.Write("event: end\ndata: "u8);
        using (var writer = new Utf8JsonWriter(output, JsonText.Options))
        {
            writer.WriteStartObject();
            writer.WriteString("finishReason"u8, PublishedAnswer.WordOf(_stop));
            PublishedAnswer.WriteUsage(_usage, writer);
            writer.WriteEndObject();
        }

        output.Write("\n\n"u8);
    }
}
