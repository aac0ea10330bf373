using System.Buffers;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Responses;

/// <summary>Reads the events of a streamed response. Of what a provider tells both in pieces and whole, the pieces count; the whole where there were none.</summary>
internal sealed class ResponseEventReader(Losses losses) : EventReader
{
    private const int UnknownStatus = 502;
    private readonly List<Begun> _tools = [];
    private (long Item, long Part) _saying = (-1, -1);
    private bool _ended;

    public override bool IsWhole => _ended;

    public override void Read(ReadOnlyMemory<byte> data, EventWriter to, IBufferWriter<byte> output)
    {
        if (data.Span.Trim(" \t"u8).SequenceEqual("[DONE]"u8))
        {
            return;
        }

        var told = EventFields.Of(Json.OfBody(data));
        var type = told.Type;
        if (type.Is("response.output_text.delta"u8))
        {
            _saying = (told.Item, told.Part);
            Tell(StreamEventKind.Text, told.Delta.Text(), to, output);
        }
        else if (type.Is("response.function_call_arguments.delta"u8))
        {
            ReadArguments(told.Item, told.Delta.Text(), to, output);
        }
        else if (type.Is("response.reasoning_summary_text.delta"u8) || type.Is("response.reasoning_text.delta"u8))
        {
            Tell(StreamEventKind.Reasoning, told.Delta.Text(), to, output);
        }
        else if (type.Is("response.refusal.delta"u8))
        {
            Tell(StreamEventKind.Refusal, told.Delta.Text(), to, output);
        }
        else if (type.Is("response.output_text.done"u8))
        {
            Tell(StreamEventKind.Text, _saying == (told.Item, told.Part) ? default : told.Text, to, output);
        }
        else if (type.Is("response.output_text.annotation.added"u8))
        {
            to.Write(new StreamEvent(StreamEventKind.Citation) { Citation = ResponsePartReader.ReadSource(told.Annotation) }, output);
        }
        else if (type.Is("response.output_item.added"u8))
        {
            BeginItem(told.Item, ItemFields.Of(told.Whole), to, output);
        }
        else if (type.Is("response.output_item.done"u8))
        {
            EndItem(told.Item, ItemFields.Of(told.Whole), to, output);
        }
        else if (type.Is("response.created"u8))
        {
            var response = ResponseFields.Of(told.Response);
            to.Write(new StreamEvent(StreamEventKind.Start) { Id = response.Id, Name = response.Model, Created = response.Created }, output);
        }
        else if (type.Is("response.completed"u8) || type.Is("response.incomplete"u8))
        {
            End(ResponseFields.Of(told.Response), to, output);
        }
        else if (type.Is("response.failed"u8) || type.Is("error"u8) || (type.IsNothing && told.Error.IsObject))
        {
            var error = type.Is("response.failed"u8) ? ResponseFields.Of(told.Response).Error : told.Error.IsObject ? told.Error : Json.OfBody(data);
            var failure = error.IsObject ? ChatFailures.Read(0, error) : new Failure(0, "The model's provider failed.");
            to.Write(new StreamEvent(StreamEventKind.Error) { Failure = failure.Status < 400 ? failure with { Status = UnknownStatus } : failure }, output);
            HasFailed = true;
        }
    }

    private static void Tell(StreamEventKind kind, Json text, EventWriter to, IBufferWriter<byte> output)
    {
        if (text.HasText)
        {
            to.Write(new StreamEvent(kind) { Text = text }, output);
        }
    }

    private void BeginItem(long place, in ItemFields item, EventWriter to, IBufferWriter<byte> output)
    {
        if (item.Type.Is("function_call"u8))
        {
            to.Write(new StreamEvent(StreamEventKind.ToolCall) { Tool = _tools.Count, Id = item.CallId, Name = item.Name.HasText ? item.Name : throw new DialectFaultException("A function's call begins without a name.", item.Origin) }, output);
            _tools.Add(new Begun(place));
        }
    }

    private void ReadArguments(long place, Json piece, EventWriter to, IBufferWriter<byte> output)
    {
        var tool = _tools.FindLastIndex(t => t.Item == place);
        if (tool >= 0 && piece.HasText)
        {
            _tools[tool].HasArguments = true;
            to.Write(new StreamEvent(StreamEventKind.ToolArguments) { Tool = tool, Text = piece }, output);
        }
    }

    private void EndItem(long place, in ItemFields item, EventWriter to, IBufferWriter<byte> output)
    {
        if (item.Type.Is("function_call"u8))
        {
            if (!_tools.Exists(t => t.Item == place))
            {
                BeginItem(place, item, to, output);
            }

            if (_tools.Find(t => t.Item == place) is { HasArguments: false })
            {
                ReadArguments(place, item.Arguments.IsNothing || item.Arguments.IsString ? item.Arguments : JsonText.Quote(item.Arguments), to, output);
            }
        }
        else if (item.Type.Is("reasoning"u8))
        {
            var isRedacted = EncryptedContent.IsRedacted(item.Encrypted);
            Tell(isRedacted ? StreamEventKind.Redacted : StreamEventKind.Signature, isRedacted ? EncryptedContent.Redacted(item.Encrypted) : item.Encrypted, to, output);
            to.Write(new StreamEvent(StreamEventKind.PartEnd), output);
        }
        else if (item.Type.Is("message"u8))
        {
            to.Write(new StreamEvent(StreamEventKind.PartEnd), output);
        }
        else
        {
            losses.Add("output", "what a provider's own tool did has no counterpart in the caller's dialect");
        }
    }

    private void End(in ResponseFields response, EventWriter to, IBufferWriter<byte> output)
    {
        if (!response.Usage.IsNothing && TokenUsage.Read(response.Usage.Span) is { } usage)
        {
            to.Write(new StreamEvent(StreamEventKind.Usage) { Usage = usage }, output);
        }

        to.Write(new StreamEvent(StreamEventKind.Stop) { Stop = response.Stop(_tools.Count > 0) }, output);
        _ended = true;
    }

    private sealed class Begun(long item)
    {
        public long Item => item;

        public bool HasArguments { get; set; }
    }

    /// <summary>The fields of an event that are looked at.</summary>
    private struct EventFields
    {
        public Json Type;
        public Json Delta;
        public Json Text;
        public Json Annotation;
        public Json Whole;
        public Json Response;
        public Json Error;
        public long Item;
        public long Part;

        public static EventFields Of(Json body)
        {
            var read = default(EventFields);
            var fields = body.Fields();
            while (fields.Next())
            {
                var value = fields.Value;
                if (fields.Is("type"u8))
                {
                    read.Type = value;
                }
                else if (fields.Is("delta"u8))
                {
                    read.Delta = value;
                }
                else if (fields.Is("output_index"u8))
                {
                    read.Item = value.IsNumber ? (long)(value.Value() ?? 0) : 0;
                }
                else if (fields.Is("content_index"u8))
                {
                    read.Part = value.IsNumber ? (long)(value.Value() ?? 0) : 0;
                }
                else if (fields.Is("text"u8))
                {
                    read.Text = value.IsString ? value : default;
                }
                else if (fields.Is("annotation"u8))
                {
                    read.Annotation = value;
                }
                else if (fields.Is("item"u8))
                {
                    read.Whole = value.Object();
                }
                else if (fields.Is("response"u8))
                {
                    read.Response = value.Object();
                }
                else if (fields.Is("error"u8))
                {
                    read.Error = value;
                }
            }

            return read;
        }
    }
}
