using System.Buffers;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Ollama;

/// <summary>Reads the lines of a stream, each an answer that goes on with those before.</summary>
internal sealed class OllamaEventReader : EventReader
{
    private bool _hasBegun;
    private bool _isDone;
    private int _tools;

    public override bool IsWhole => _isDone;

    public override void Read(ReadOnlyMemory<byte> data, EventWriter to, IBufferWriter<byte> output)
    {
        var body = Json.OfBody(data);
        var line = OllamaLine.Of(body);
        if (line.Error.HasText)
        {
            HasFailed = true;
            to.Write(new StreamEvent(StreamEventKind.Error) { Failure = new Failure(500, line.Error.ForPerson()) }, output);
            return;
        }

        if (!_hasBegun)
        {
            _hasBegun = true;
            to.Write(new StreamEvent(StreamEventKind.Start) { Name = line.Model }, output);
        }

        if (line.Thinking.HasText)
        {
            to.Write(new StreamEvent(StreamEventKind.Reasoning) { Text = line.Thinking }, output);
        }

        if (line.Content.HasText)
        {
            to.Write(new StreamEvent(StreamEventKind.Text) { Text = line.Content }, output);
        }

        ReadCalls(line.Calls, to, output);
        if (line.IsDone)
        {
            _isDone = true;
            to.Write(new StreamEvent(StreamEventKind.Stop) { Stop = line.StopOf(_tools > 0) }, output);
            if (OllamaFacts.Read(data.Span).Usage is { } usage)
            {
                to.Write(new StreamEvent(StreamEventKind.Usage) { Usage = usage }, output);
            }
        }
    }

    private void ReadCalls(Json calls, EventWriter to, IBufferWriter<byte> output)
    {
        var items = calls.Items();
        while (items.Next())
        {
            var (id, name, arguments) = OllamaLine.CallOf(items.Value);
            to.Write(new StreamEvent(StreamEventKind.ToolCall) { Tool = _tools, Id = id.HasText ? id : ToolIds.OfAnswer(default, _tools), Name = name }, output);
            if (!arguments.IsNothing)
            {
                to.Write(new StreamEvent(StreamEventKind.ToolArguments) { Tool = _tools, Text = arguments.IsString ? arguments : JsonText.Quote(arguments) }, output);
            }

            _tools++;
        }
    }
}
