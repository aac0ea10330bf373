using System.Buffers;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Reads the choices of a chunk: what each answer has more.</summary>
internal sealed class ChatDeltaReader
{
    private readonly List<Begun> _tools = [];
    private long _running;

    /// <summary>Whether every answer that began has told why it ended.</summary>
    public bool HasStopped { get; private set; }

    /// <summary>Reads one.</summary>
    public void Read(Json choice, EventWriter to, IBufferWriter<byte> output)
    {
        var (index, delta, reason, logs) = (0, default(Json), default(Json), default(Json));
        var fields = choice.Fields();
        while (fields.Next())
        {
            if (fields.Is("index"u8))
            {
                index = (int)Math.Min(fields.Value.Whole() ?? 0, int.MaxValue);
            }
            else if (fields.Is("delta"u8))
            {
                delta = fields.Value.Object();
            }
            else if (fields.Is("finish_reason"u8))
            {
                reason = fields.Value;
            }
            else if (fields.Is("logprobs"u8))
            {
                logs = fields.Value.IsObject ? fields.Value : default;
            }
            else if (fields.Is("usage"u8) && TokenUsage.Read(fields.Value.Span) is { } usage)
            {
                // Moonshot tells the usage of a stream in its last choice.
                to.Write(new StreamEvent(StreamEventKind.Usage) { Usage = usage }, output);
            }
        }

        _running |= 1L << index;
        ReadDelta(delta, index, to, output);
        if (!logs.IsNothing)
        {
            to.Write(new StreamEvent(StreamEventKind.LogProbabilities) { Candidate = index, Text = logs }, output);
        }

        if (ChatStops.Read(reason) is not StopReason.NotSaid and var stop)
        {
            to.Write(new StreamEvent(StreamEventKind.Stop) { Candidate = index, Stop = stop }, output);
            _running &= ~(1L << index);
            HasStopped = _running == 0;
        }
    }

    private void ReadDelta(Json delta, int index, EventWriter to, IBufferWriter<byte> output)
    {
        var (content, thought, details, refusal, calls, annotations) = (default(Json), default(Json), default(Json), default(Json), default(Json), default(Json));
        var fields = delta.Fields();
        while (fields.Next())
        {
            var value = fields.Value;
            if (fields.Is("content"u8))
            {
                content = value;
            }
            else if (fields.Is("reasoning_content"u8))
            {
                thought = value.HasText ? value : thought;
            }
            else if (fields.Is("reasoning"u8))
            {
                thought = !thought.HasText && value.HasText ? value : thought;
            }
            else if (fields.Is("reasoning_details"u8))
            {
                details = value;
            }
            else if (fields.Is("refusal"u8))
            {
                refusal = value;
            }
            else if (fields.Is("tool_calls"u8))
            {
                calls = value;
            }
            else if (fields.Is("annotations"u8))
            {
                annotations = value;
            }
        }

        ReadThought(thought, details, index, to, output);
        ReadContent(content, index, to, output);
        Tell(StreamEventKind.Refusal, refusal.IsNothing ? default : refusal.Text(), index, to, output);
        ReadCitations(annotations, index, to, output);
        var items = calls.Items();
        for (var place = 0; items.Next(); place++)
        {
            ReadCall(items.Value, index, place, to, output);
        }
    }

    private static void Tell(StreamEventKind kind, Json text, int index, EventWriter to, IBufferWriter<byte> output)
    {
        if (text.HasText)
        {
            to.Write(new StreamEvent(kind) { Candidate = index, Text = text }, output);
        }
    }

    private static void ReadThought(Json thought, Json details, int index, EventWriter to, IBufferWriter<byte> output)
    {
        Tell(StreamEventKind.Reasoning, thought, index, to, output);
        if (!details.IsList)
        {
            return;
        }

        var parts = new List<ContentPart>();
        ReasoningDetails.Read(details, parts, onlyRedacted: false);
        foreach (var part in parts)
        {
            var reasoning = (ReasoningPart)part;
            Tell(StreamEventKind.Reasoning, thought.HasText ? default : reasoning.Text, index, to, output);
            Tell(StreamEventKind.Signature, reasoning.Signature, index, to, output);
            Tell(StreamEventKind.Redacted, reasoning.Redacted, index, to, output);
        }
    }

    private static void ReadContent(Json content, int index, EventWriter to, IBufferWriter<byte> output)
    {
        if (content.IsString || content.IsNothing)
        {
            Tell(StreamEventKind.Text, content, index, to, output);
            return;
        }

        var parts = new List<ContentPart>();
        ChatMessageReader.ReadContent(content, parts);
        foreach (var part in parts)
        {
            Tell(StreamEventKind.Text, part is TextPart text ? text.Text : default, index, to, output);
            Tell(StreamEventKind.Reasoning, part is ReasoningPart thought ? thought.Text : default, index, to, output);
        }
    }

    private static void ReadCitations(Json annotations, int index, EventWriter to, IBufferWriter<byte> output)
    {
        if (!annotations.IsList)
        {
            return;
        }

        var said = new TextPart { Text = JsonText.Empty };
        ChatAnnotations.Read(annotations, [said]);
        foreach (var citation in said.Citations ?? [])
        {
            to.Write(new StreamEvent(StreamEventKind.Citation) { Candidate = index, Citation = citation }, output);
        }
    }

    private void ReadCall(Json call, int candidate, int place, EventWriter to, IBufferWriter<byte> output)
    {
        var (number, id, name, input) = ((long?)null, default(Json), default(Json), default(Json));
        var fields = call.Fields();
        while (fields.Next())
        {
            number = fields.Is("index"u8) ? fields.Value.Whole() : number;
            id = fields.Is("id"u8) ? fields.Value.Text() : id;
            var function = fields.Is("function"u8) ? fields.Value.Fields() : default;
            while (function.Next())
            {
                name = function.Is("name"u8) ? function.Value.Text() : name;
                input = function.Is("arguments"u8) ? function.Value : input;
            }
        }

        var tool = ToolOf(candidate, number, place, id, name);
        if (tool < 0)
        {
            if (!name.HasText)
            {
                throw new DialectFaultException("A tool's call begins without a name.", call);
            }

            tool = _tools.FindAll(t => t.Candidate == candidate).Count;
            _tools.Add(new Begun(candidate, number, id.HasText ? id.Raw.ToArray() : [], tool));
            to.Write(new StreamEvent(StreamEventKind.ToolCall) { Candidate = candidate, Tool = tool, Id = id.HasText ? id : default, Name = name }, output);
        }

        var piece = input.IsNothing || input.IsString ? input : JsonText.Quote(input);
        if (piece.HasText)
        {
            to.Write(new StreamEvent(StreamEventKind.ToolArguments) { Candidate = candidate, Tool = tool, Text = piece }, output);
        }
    }

    // The last that began with this index; a new one where another id, or a name without an id, comes under it.
    private int ToolOf(int candidate, long? number, int place, Json id, Json name)
    {
        for (var i = _tools.Count - 1; i >= 0; i--)
        {
            var tool = _tools[i];
            if (tool.Candidate == candidate && tool.Number == number)
            {
                var isOther = id.HasText ? !id.Span.SequenceEqual(tool.Id) : name.HasText && (number is null || place > 0);
                return isOther ? -1 : tool.Tool;
            }
        }

        return -1;
    }

    private readonly record struct Begun(int Candidate, long? Number, byte[] Id, int Tool);
}
