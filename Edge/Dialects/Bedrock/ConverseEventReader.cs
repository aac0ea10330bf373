using System.Buffers;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Bedrock;

/// <summary>Reads the events of a stream, each <c>{"type": payload}</c>.</summary>
internal sealed class ConverseEventReader(Losses losses) : EventReader
{
    private const int Said = -1;
    private const int Foreign = -2;
    private readonly Dictionary<long, int> _tools = [];
    private int _toolCount;
    private bool _hasStopped;

    public override bool IsWhole => _hasStopped;

    public override void Read(ReadOnlyMemory<byte> data, EventWriter to, IBufferWriter<byte> output)
    {
        var fields = Json.OfBody(data).Fields();
        while (fields.Next() && !HasFailed)
        {
            Read(fields.NameText, fields.Value, to, output);
        }
    }

    private void Read(string type, Json payload, EventWriter to, IBufferWriter<byte> output)
    {
        switch (type)
        {
            case "messageStart":
                to.Write(new StreamEvent(StreamEventKind.Start), output);
                break;
            case "contentBlockStart":
                ReadStart(payload, to, output);
                break;
            case "contentBlockDelta":
                ReadDelta(payload.Find("delta"u8), ToolOf(payload), to, output);
                break;
            case "contentBlockStop" when ToolOf(payload) == Said:
                to.Write(new StreamEvent(StreamEventKind.PartEnd), output);
                break;
            case "messageStop":
                _hasStopped = true;
                to.Write(new StreamEvent(StreamEventKind.Stop) { Stop = ConverseStops.Read(payload.Find("stopReason"u8)) is not StopReason.NotSaid and var stop ? stop : StopReason.End }, output);
                break;
            case "metadata":
                ReadUsage(payload.Find("usage"u8), to, output);
                break;
            default:
                Fail(type, payload, to, output);
                break;
        }
    }

    private int ToolOf(Json payload) => _tools.TryGetValue(IndexOf(payload), out var tool) ? tool : Said;

    private static long IndexOf(Json payload) => payload.Find("contentBlockIndex"u8).Whole() ?? 0;

    private void ReadStart(Json payload, EventWriter to, IBufferWriter<byte> output)
    {
        var start = payload.Find("start"u8);
        var tool = start.Find("toolUse"u8);
        if (tool.IsObject && !tool.Find("type"u8).Is("server_tool_use"u8))
        {
            var name = tool.Find("name"u8);
            _tools[IndexOf(payload)] = _toolCount;
            to.Write(new StreamEvent(StreamEventKind.ToolCall)
            {
                Tool = _toolCount++,
                Id = tool.Find("toolUseId"u8).Text(),
                Name = name.HasText ? name : throw new DialectFaultException("A toolUse must have a name.", payload),
            }, output);
        }
        else if (tool.IsObject || start.IsObject)
        {
            _tools[IndexOf(payload)] = Foreign;
            losses.Add("content", "what the provider's own tools did, and what is not text, has no counterpart in a stream");
        }
    }

    private static void ReadDelta(Json delta, int tool, EventWriter to, IBufferWriter<byte> output)
    {
        if (tool == Foreign)
        {
            return;
        }

        var thought = delta.Find("reasoningContent"u8);
        var (kind, text) = tool >= 0 ? (StreamEventKind.ToolArguments, delta.Find("toolUse"u8).Find("input"u8))
            : delta.Find("text"u8) is { IsString: true } said ? (StreamEventKind.Text, said)
            : thought.Find("text"u8) is { IsString: true } reasoned ? (StreamEventKind.Reasoning, reasoned)
            : thought.Find("signature"u8) is { IsString: true } signed ? (StreamEventKind.Signature, signed)
            : (StreamEventKind.Redacted, thought.Find("redactedContent"u8));
        if (text.Text().HasText)
        {
            to.Write(new StreamEvent(kind) { Tool = Math.Max(tool, 0), Text = text }, output);
        }
    }

    private static void ReadUsage(Json usage, EventWriter to, IBufferWriter<byte> output)
    {
        if (ConverseUsage.Read(usage) is { } told)
        {
            to.Write(new StreamEvent(StreamEventKind.Usage) { Usage = told }, output);
        }
    }

    // Exceptions are events too; an event that nobody knows is none.
    private void Fail(string type, Json payload, EventWriter to, IBufferWriter<byte> output)
    {
        if (!type.EndsWith("Exception", StringComparison.Ordinal) && !type.EndsWith("Error", StringComparison.Ordinal))
        {
            return;
        }

        HasFailed = true;
        var message = payload.Find("message"u8);
        to.Write(new StreamEvent(StreamEventKind.Error) { Failure = new Failure(StatusOf(type), message.HasText ? message.ForPerson() : "The model's provider broke off its answer.", type) }, output);
    }

    private static int StatusOf(string type) => type switch
    {
        "validationException" => 400,
        "throttlingException" => 429,
        "serviceUnavailableException" => 503,
        "modelTimeoutException" => 408,
        "modelStreamErrorException" => 424,
        _ => 500,
    };
}
