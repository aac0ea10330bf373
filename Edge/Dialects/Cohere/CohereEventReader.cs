using System.Buffers;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Cohere;

/// <summary>Reads the events of a stream. Events: https://docs.cohere.com/docs/streaming.</summary>
internal sealed class CohereEventReader : EventReader
{
    private int _tools;
    private bool _hasStopped;

    public override bool IsWhole => _hasStopped;

    public override void Read(ReadOnlyMemory<byte> data, EventWriter to, IBufferWriter<byte> output)
    {
        if (data.Span.SequenceEqual("[DONE]"u8))
        {
            return;
        }

        var (type, id, delta) = (default(Json), default(Json), default(Json));
        var fields = Json.OfBody(data).Fields();
        while (fields.Next())
        {
            type = fields.Is("type"u8) ? fields.Value.Text() : type;
            id = fields.Is("id"u8) ? fields.Value.Text() : id;
            delta = fields.Is("delta"u8) ? fields.Value : delta;
        }

        if (type.Is("message-start"u8))
        {
            to.Write(new StreamEvent(StreamEventKind.Start) { Id = id }, output);
        }
        else if (type.Is("message-end"u8))
        {
            ReadEnd(delta, to, output);
        }
        else if (type.Is("content-end"u8))
        {
            to.Write(new StreamEvent(StreamEventKind.PartEnd), output);
        }
        else
        {
            ReadMessage(type, delta, to, output);
        }
    }

    private void ReadMessage(Json type, Json delta, EventWriter to, IBufferWriter<byte> output)
    {
        var message = delta.IsObject ? delta.Fields() : default;
        while (message.Next())
        {
            var fields = message.Is("message"u8) && message.Value.IsObject ? message.Value.Fields() : default;
            while (fields.Next())
            {
                if (fields.Is("content"u8))
                {
                    ReadContent(fields.Value, to, output);
                }
                else if (fields.Is("tool_plan"u8) && fields.Value.HasText)
                {
                    to.Write(new StreamEvent(StreamEventKind.Reasoning) { Text = fields.Value }, output);
                }
                else if (fields.Is("tool_calls"u8))
                {
                    ReadCall(type, CohereCall.Of(fields.Value), to, output);
                }
            }
        }
    }

    private static void ReadContent(Json content, EventWriter to, IBufferWriter<byte> output)
    {
        var fields = content.IsObject ? content.Fields() : default;
        while (fields.Next())
        {
            if ((fields.Is("text"u8) || fields.Is("thinking"u8)) && fields.Value.HasText)
            {
                to.Write(new StreamEvent(fields.Is("text"u8) ? StreamEventKind.Text : StreamEventKind.Reasoning) { Text = fields.Value }, output);
            }
        }
    }

    private void ReadCall(Json type, CohereCall call, EventWriter to, IBufferWriter<byte> output)
    {
        if (type.Is("tool-call-start"u8))
        {
            to.Write(new StreamEvent(StreamEventKind.ToolCall) { Tool = _tools++, Id = call.Id, Name = call.Name.HasText ? call.Name : throw new DialectFaultException("A tool's call must have a name.") }, output);
        }

        if (_tools > 0 && call.Arguments.HasText)
        {
            to.Write(new StreamEvent(StreamEventKind.ToolArguments) { Tool = _tools - 1, Text = call.Arguments }, output);
        }
    }

    private void ReadEnd(Json delta, EventWriter to, IBufferWriter<byte> output)
    {
        var (reason, usage, error) = (default(Json), default(Json), default(Json));
        var fields = delta.IsObject ? delta.Fields() : default;
        while (fields.Next())
        {
            reason = fields.Is("finish_reason"u8) ? fields.Value : reason;
            usage = fields.Is("usage"u8) ? fields.Value : usage;
            error = fields.Is("error"u8) ? fields.Value : error;
        }

        if (reason.Is("ERROR"u8) || error.HasText)
        {
            HasFailed = true;
            to.Write(new StreamEvent(StreamEventKind.Error) { Failure = new Failure(500, error.HasText ? error.ForPerson() : "The model's provider broke off its answer.") }, output);
            return;
        }

        if (CohereAnswerReader.ReadUsage(usage) is { } told)
        {
            to.Write(new StreamEvent(StreamEventKind.Usage) { Usage = told }, output);
        }

        _hasStopped = true;
        to.Write(new StreamEvent(StreamEventKind.Stop) { Stop = CohereStops.Read(reason) is not StopReason.NotSaid and var stop ? stop : StopReason.End }, output);
    }
}
