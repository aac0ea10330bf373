using System.Buffers;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>Reads the events of a streamed message. Events: https://docs.anthropic.com/en/docs/build-with-claude/streaming.</summary>
internal sealed class MessageEventReader(Losses losses) : EventReader
{
    // Of blocks that no client's tool is called by.
    private const int Foreign = -2;
    private const int Said = -1;
    private readonly Dictionary<long, int> _tools = [];
    private int _toolCount;
    private TokenCounts? _usage;
    private bool _hasStopped;

    public override bool IsWhole => _hasStopped;

    public override void Read(ReadOnlyMemory<byte> data, EventWriter to, IBufferWriter<byte> output)
    {
        var (type, index, inner, delta, usage) = (default(Json), default(Json), default(Json), default(Json), default(Json));
        var fields = Json.OfBody(data).Fields();
        while (fields.Next())
        {
            if (fields.Is("type"u8))
            {
                type = fields.Value.Text();
            }
            else if (fields.Is("index"u8))
            {
                index = fields.Value;
            }
            else if (fields.Is("delta"u8))
            {
                delta = fields.Value;
            }
            else if (fields.Is("message"u8) || fields.Is("content_block"u8) || fields.Is("error"u8))
            {
                inner = fields.Value;
            }
            else if (fields.Is("usage"u8))
            {
                usage = fields.Value;
            }
        }

        if (type.Is("content_block_delta"u8))
        {
            ReadDelta(delta, ToolOf(index), to, output);
        }
        else if (type.Is("content_block_start"u8))
        {
            ReadBlock(inner, index.Whole() ?? 0, to, output);
        }
        else if (type.Is("content_block_stop"u8))
        {
            if (ToolOf(index) == Said)
            {
                to.Write(new StreamEvent(StreamEventKind.PartEnd), output);
            }
        }
        else if (type.Is("message_start"u8))
        {
            ReadStart(inner, to, output);
        }
        else if (type.Is("message_delta"u8))
        {
            ReadEnd(delta, usage, to, output);
        }
        else if (type.Is("ping"u8))
        {
            to.Write(new StreamEvent(StreamEventKind.Ping), output);
        }
        else if (type.Is("error"u8))
        {
            to.Write(new StreamEvent(StreamEventKind.Error) { Failure = AnthropicErrors.Read(0, inner) }, output);
            HasFailed = true;
        }
    }

    private int ToolOf(Json index) => _tools.TryGetValue(index.Whole() ?? 0, out var tool) ? tool : Said;

    private void ReadStart(Json message, EventWriter to, IBufferWriter<byte> output)
    {
        var (id, model, usage) = (default(Json), default(Json), default(Json));
        var fields = message.Fields();
        while (fields.Next())
        {
            id = fields.Is("id"u8) ? fields.Value.Text() : id;
            model = fields.Is("model"u8) ? fields.Value.Text() : model;
            usage = fields.Is("usage"u8) ? fields.Value : usage;
        }

        _usage = MessageFacts.Merge(_usage, usage.IsNothing ? null : TokenUsage.Read(usage.Span));
        to.Write(new StreamEvent(StreamEventKind.Start) { Id = id, Name = model, Usage = _usage ?? default }, output);
    }

    private void ReadEnd(Json delta, Json usage, EventWriter to, IBufferWriter<byte> output)
    {
        var (reason, text) = (default(Json), default(Json));
        var fields = delta.Fields();
        while (fields.Next())
        {
            reason = fields.Is("stop_reason"u8) ? fields.Value : reason;
            text = fields.Is("stop_sequence"u8) ? fields.Value : text;
        }

        _usage = MessageFacts.Merge(_usage, usage.IsNothing ? null : TokenUsage.Read(usage.Span));
        if (_usage is { } told)
        {
            to.Write(new StreamEvent(StreamEventKind.Usage) { Usage = told }, output);
        }

        if (MessageStops.Read(reason) is not StopReason.NotSaid and var stop)
        {
            _hasStopped = true;
            to.Write(new StreamEvent(StreamEventKind.Stop) { Stop = stop, StopText = text.IsString ? text : default }, output);
        }
    }

    private void ReadBlock(Json block, long index, EventWriter to, IBufferWriter<byte> output)
    {
        switch (BlockReader.Read(block))
        {
            case ToolCallPart call:
                _tools[index] = _toolCount;
                to.Write(new StreamEvent(StreamEventKind.ToolCall) { Tool = _toolCount, Id = call.Id, Name = call.Name }, output);
                if (call.Input is { IsObject: true } input && input.Fields().Next())
                {
                    to.Write(new StreamEvent(StreamEventKind.ToolArguments) { Tool = _toolCount, Text = JsonText.Quote(input) }, output);
                }

                _toolCount++;
                break;
            case ForeignPart:
                _tools[index] = Foreign;
                losses.Add("content", "what the provider's own tools did has no counterpart");
                break;
            case ReasoningPart { Redacted.HasText: true } redacted:
                to.Write(new StreamEvent(StreamEventKind.Redacted) { Text = redacted.Redacted }, output);
                break;
            case ReasoningPart { Text.HasText: true } thought:
                to.Write(new StreamEvent(StreamEventKind.Reasoning) { Text = thought.Text }, output);
                break;
            case TextPart { Text.HasText: true } text:
                to.Write(new StreamEvent(StreamEventKind.Text) { Text = text.Text }, output);
                break;
        }
    }

    private static void ReadDelta(Json delta, int tool, EventWriter to, IBufferWriter<byte> output)
    {
        var (type, value) = (default(Json), default(Json));
        var fields = delta.Fields();
        while (fields.Next())
        {
            if (fields.Is("type"u8))
            {
                type = fields.Value.Text();
            }
            else
            {
                value = fields.Value;
            }
        }

        if (tool == Foreign)
        {
            return;
        }

        if (type.Is("citations_delta"u8))
        {
            to.Write(new StreamEvent(StreamEventKind.Citation) { Citation = BlockReader.ReadCitation(value) }, output);
            return;
        }

        var kind = type.Is("text_delta"u8) ? StreamEventKind.Text
            : type.Is("input_json_delta"u8) ? StreamEventKind.ToolArguments
            : type.Is("thinking_delta"u8) ? StreamEventKind.Reasoning
            : type.Is("signature_delta"u8) ? StreamEventKind.Signature
            : StreamEventKind.PartEnd;
        if (kind is not StreamEventKind.PartEnd && value.Text().HasText && (kind is not StreamEventKind.ToolArguments || tool >= 0))
        {
            to.Write(new StreamEvent(kind) { Tool = Math.Max(tool, 0), Text = value }, output);
        }
    }
}
