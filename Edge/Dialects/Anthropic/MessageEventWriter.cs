using System.Buffers;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>
/// Writes the events of a streamed message. Text and reasoning open their blocks when they begin and close them when something else does; tools stay open to the end, for a
/// provider may send them by turns. The end waits for the usage, which other dialects tell last.
/// </summary>
internal sealed class MessageEventWriter(Losses losses) : EventWriter
{
    private const int None = -1;
    private readonly List<int> _tools = [];
    private StreamEventKind _open = StreamEventKind.PartEnd;
    private int _blocks;
    private int _block = None;
    private TokenCounts _usage;
    private StopReason _stop;
    private byte[] _stopText = [];

    public override void Write(in StreamEvent piece, IBufferWriter<byte> output)
    {
        if (piece.Candidate > 0)
        {
            losses.Add("choices", "Anthropic's dialect gives one answer at a time, the first");
            return;
        }

        switch (piece.Kind)
        {
            case StreamEventKind.Start:
                Begin(piece, output);
                break;
            case StreamEventKind.Text or StreamEventKind.Refusal:
                if (piece.Kind is StreamEventKind.Refusal)
                {
                    losses.Add("refusal", "Anthropic's dialect does not tell it from other text");
                }

                Open(StreamEventKind.Text, output);
                WriteDelta(output, _block, "text_delta\",\"text\":"u8, piece.Text);
                break;
            case StreamEventKind.Reasoning:
                Open(StreamEventKind.Reasoning, output);
                WriteDelta(output, _block, "thinking_delta\",\"thinking\":"u8, piece.Text);
                break;
            case StreamEventKind.Signature:
                Open(StreamEventKind.Reasoning, output);
                WriteDelta(output, _block, "signature_delta\",\"signature\":"u8, piece.Text);
                break;
            case StreamEventKind.Redacted:
                Close(output);
                StartBlock(output, "redacted_thinking\",\"data\":"u8, piece.Text.Span);
                StopBlock(output, _blocks - 1);
                break;
            case StreamEventKind.ToolCall:
                BeginTool(piece, output);
                break;
            case StreamEventKind.ToolArguments when piece.Tool < _tools.Count:
                WriteDelta(output, _tools[piece.Tool], "input_json_delta\",\"partial_json\":"u8, piece.Text);
                break;
            case StreamEventKind.Citation:
                losses.Add("annotations", "Anthropic's dialect has only sources that its own provider found");
                break;
            case StreamEventKind.LogProbabilities:
                losses.Add("logprobs", "Anthropic's dialect has none");
                break;
            case StreamEventKind.PartEnd:
                Close(output);
                break;
            case StreamEventKind.Stop:
                (_stop, _stopText) = (piece.Stop, piece.StopText.Raw.ToArray());
                break;
            case StreamEventKind.Usage:
                _usage = piece.Usage;
                break;
            case StreamEventKind.Ping:
                output.Write(AnthropicDialect.Ping);
                break;
            case StreamEventKind.End:
                End(output);
                break;
            case StreamEventKind.Error:
                output.Write(AnthropicErrors.WriteEvent(piece.Failure!.Status, piece.Failure.Message));
                break;
            default:
                break;
        }
    }

    private void Begin(in StreamEvent start, IBufferWriter<byte> output)
    {
        _usage = start.Usage;
        output.Write("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":"u8);
        output.Write(start.Id.HasText ? start.Id.Span : "\"msg\""u8);
        output.Write(",\"type\":\"message\",\"role\":\"assistant\",\"model\":"u8);
        output.Write(start.Name.IsNothing ? "\"\""u8 : start.Name.Span);
        output.Write(",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":"u8);
        WriteUsage(output);
        output.Write("}}\n\n"u8);
        losses.Add(start.Fingerprint.IsNothing ? default : start.Fingerprint, "Anthropic's dialect has no such field");
    }

    private void Open(StreamEventKind kind, IBufferWriter<byte> output)
    {
        if (_open == kind)
        {
            return;
        }

        Close(output);
        (_open, _block) = (kind, _blocks);
        StartBlock(output, kind is StreamEventKind.Text ? "text\",\"text\":\"\""u8 : "thinking\",\"thinking\":\"\",\"signature\":\"\""u8, default);
    }

    private void Close(IBufferWriter<byte> output)
    {
        if (_block != None)
        {
            StopBlock(output, _block);
            (_open, _block) = (StreamEventKind.PartEnd, None);
        }
    }

    private void BeginTool(in StreamEvent piece, IBufferWriter<byte> output)
    {
        Close(output);
        _tools.Add(_blocks);
        BeginBlock(output);
        output.Write("tool_use\",\"id\":"u8);
        output.Write(piece.Id.HasText ? piece.Id.Span : ToolIds.Of(0, piece.Tool).Span);
        output.Write(",\"name\":"u8);
        output.Write(piece.Name.Span);
        output.Write(",\"input\":{}}}\n\n"u8);
    }

    private void StartBlock(IBufferWriter<byte> output, ReadOnlySpan<byte> type, ReadOnlySpan<byte> value)
    {
        BeginBlock(output);
        output.Write(type);
        output.Write(value);
        output.Write("}}\n\n"u8);
    }

    private void BeginBlock(IBufferWriter<byte> output)
    {
        output.Write("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":"u8);
        SseLines.Write(output, _blocks++);
        output.Write(",\"content_block\":{\"type\":\""u8);
    }

    private static void StopBlock(IBufferWriter<byte> output, int block)
    {
        output.Write("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":"u8);
        SseLines.Write(output, block);
        output.Write("}\n\n"u8);
    }

    private static void WriteDelta(IBufferWriter<byte> output, int block, ReadOnlySpan<byte> type, Json text)
    {
        output.Write("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":"u8);
        SseLines.Write(output, block);
        output.Write(",\"delta\":{\"type\":\""u8);
        output.Write(type);
        output.Write(text.Span);
        output.Write("}}\n\n"u8);
    }

    private void End(IBufferWriter<byte> output)
    {
        Close(output);
        foreach (var block in _tools)
        {
            StopBlock(output, block);
        }

        output.Write("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\""u8);
        output.Write(MessageStops.Write(_stop));
        output.Write("\",\"stop_sequence\":"u8);
        output.Write(_stopText.Length == 0 ? "null"u8 : _stopText);
        output.Write("},\"usage\":"u8);
        WriteUsage(output);
        output.Write("}\n\n"u8);
        SseLines.WriteLosses(output, losses, 0);
        output.Write("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"u8);
    }

    private void WriteUsage(IBufferWriter<byte> output)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.Options);
        MessageWriter.WriteUsage(_usage, writer);
    }
}
