using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Responses;

/// <summary>
/// Writes the events of a streamed response. Messages and reasoning end when something else begins; calls stay open to the end, for a provider may send them by turns. What was said is
/// kept: the dialect tells each item once more whole, and all of them in the last event.
/// </summary>
internal sealed class ResponseEventWriter(Asked asked, Losses losses) : EventWriter
{
    private readonly List<SaidItem> _items = [];
    private readonly List<SaidItem> _tools = [];
    private SaidItem? _open;
    private Json _id;
    private Json _model;
    private Json _created;
    private TokenCounts? _usage;
    private StopReason _stop;
    private long _number;
    private int _told;

    public override void Write(in StreamEvent piece, IBufferWriter<byte> output)
    {
        if (piece.Candidate > 0)
        {
            losses.Add("choices", "the responses dialect gives one answer at a time, the first");
            return;
        }

        switch (piece.Kind)
        {
            case StreamEventKind.Start:
                Begin(piece, output);
                break;
            case StreamEventKind.Text:
                Say(SaidKind.Text, piece.Text, output);
                break;
            case StreamEventKind.Refusal:
                Say(SaidKind.Refusal, piece.Text, output);
                break;
            case StreamEventKind.Reasoning:
                Say(SaidKind.Reasoning, piece.Text, output);
                break;
            case StreamEventKind.Signature or StreamEventKind.Redacted:
                Prove(piece, output);
                break;
            case StreamEventKind.ToolCall:
                EndOpen(output);
                _tools.Add(BeginItem(new SaidItem(SaidKind.Call, _items.Count)
                {
                    CallId = Kept(piece.Id.HasText ? piece.Id : ToolIds.Of(0, piece.Tool)), Name = Kept(piece.Name),
                }, output));
                break;
            case StreamEventKind.ToolArguments when piece.Tool < _tools.Count:
                WriteDelta(_tools[piece.Tool], piece.Text, output);
                break;
            case StreamEventKind.Citation:
                Cite(piece.Citation, output);
                break;
            case StreamEventKind.LogProbabilities:
                losses.Add("logprobs", "they are not told to clients of the responses dialect");
                break;
            case StreamEventKind.PartEnd:
                EndOpen(output);
                break;
            case StreamEventKind.Stop:
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
                output.Write(ResponseEnding.WriteError(piece.Failure!));
                break;
            default:
                break;
        }
    }

    private static Json Kept(Json value) => value with { Raw = value.Raw.ToArray() };

    private void Begin(in StreamEvent start, IBufferWriter<byte> output)
    {
        (_id, _model) = (Kept(start.Id), Kept(start.Name));
        _created = start.Created.IsNothing ? Json.Of(asked.Now) : Kept(start.Created);
        losses.Add(start.Fingerprint, "the responses dialect has no such field");
        WriteResponse("response.created"u8, "in_progress"u8, output);
        WriteResponse("response.in_progress"u8, "in_progress"u8, output);
    }

    private void Say(SaidKind kind, Json text, IBufferWriter<byte> output)
    {
        if (_open?.Kind != kind)
        {
            EndOpen(output);
            _open = BeginItem(new SaidItem(kind, _items.Count), output);
            WritePart(_open, "added"u8, output);
        }

        WriteDelta(_open, text, output);
    }

    // Of reasoning that may be read, or of one that may not.
    private void Prove(in StreamEvent piece, IBufferWriter<byte> output)
    {
        if (piece.Kind is StreamEventKind.Redacted || _open is not { Kind: SaidKind.Reasoning })
        {
            EndOpen(output);
            _open = BeginItem(new SaidItem(SaidKind.Reasoning, _items.Count), output);
        }

        _open.Prove(piece.Kind is StreamEventKind.Redacted ? EncryptedContent.OfRedacted(piece.Text) : piece.Text);
        if (piece.Kind is StreamEventKind.Redacted)
        {
            EndOpen(output);
        }
    }

    private void Cite(in Citation citation, IBufferWriter<byte> output)
    {
        if (!citation.Url.IsString || _open is not { Kind: SaidKind.Text } said)
        {
            losses.Add("citations", "those of documents have no counterpart in the responses dialect");
            return;
        }

        var number = said.Cite(new Citation(Kept(citation.Url), Kept(citation.Title), default, default));
        using var writer = BeginEvent("response.output_text.annotation.added"u8, output);
        WritePlace(said, writer);
        writer.WriteNumber("annotation_index"u8, number);
        writer.WritePropertyName("annotation"u8);
        ResponseWriter.WriteSource(citation, said.Letters, writer);
        EndEvent(writer, output);
    }

    private SaidItem BeginItem(SaidItem item, IBufferWriter<byte> output)
    {
        _items.Add(item);
        WriteItem(item, "response.output_item.added"u8, isWhole: false, output);
        return item;
    }

    private void EndOpen(IBufferWriter<byte> output)
    {
        if (_open is { } said)
        {
            _open = null;
            EndItem(said, output);
        }
    }

    private void EndItem(SaidItem said, IBufferWriter<byte> output)
    {
        if (said.Kind is SaidKind.Call || said.HasText)
        {
            using var writer = BeginEvent(said.DoneName, output);
            WritePlace(said, writer);
            said.Text.WriteTo(writer, said.FieldName);
            if (said.Kind is SaidKind.Text)
            {
                writer.WriteStartArray("logprobs"u8);
                writer.WriteEndArray();
            }
            else if (said.Kind is SaidKind.Call)
            {
                said.Name.WriteTo(writer, "name"u8);
            }

            EndEvent(writer, output);
        }

        if (said.Kind is not SaidKind.Call && said.HasText)
        {
            WritePart(said, "done"u8, output);
        }

        WriteItem(said, "response.output_item.done"u8, isWhole: true, output);
    }

    private void WriteDelta(SaidItem said, Json text, IBufferWriter<byte> output)
    {
        said.Add(text);
        said.DeltaPlace ??= Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $",\"item_id\":\"{said.Id}\",\"output_index\":{said.Index}{(said.Kind is SaidKind.Call ? "" : said.Kind is SaidKind.Reasoning ? ",\"summary_index\":0" : ",\"content_index\":0")},\"delta\":"));
        output.Write("event: "u8);
        output.Write(said.DeltaName);
        output.Write("\ndata: {\"type\":\""u8);
        output.Write(said.DeltaName);
        output.Write("\",\"sequence_number\":"u8);
        SseLines.Write(output, _number++);
        output.Write(said.DeltaPlace);
        output.Write(text.Span);
        output.Write(said.Kind is SaidKind.Text ? ",\"logprobs\":[]}\n\n"u8 : "}\n\n"u8);
    }

    private void WritePart(SaidItem said, ReadOnlySpan<byte> what, IBufferWriter<byte> output)
    {
        var begins = what.SequenceEqual("added"u8);
        using var writer = BeginEvent(
            said.Kind is SaidKind.Reasoning ? begins ? "response.reasoning_summary_part.added"u8 : "response.reasoning_summary_part.done"u8
            : begins ? "response.content_part.added"u8 : "response.content_part.done"u8, output);
        WritePlace(said, writer);
        writer.WritePropertyName("part"u8);
        said.WritePart(writer, losses);
        EndEvent(writer, output);
    }

    private void WriteItem(SaidItem item, ReadOnlySpan<byte> type, bool isWhole, IBufferWriter<byte> output)
    {
        using var writer = BeginEvent(type, output);
        writer.WriteNumber("output_index"u8, item.Index);
        writer.WritePropertyName("item"u8);
        item.Write(writer, isWhole, losses);
        EndEvent(writer, output);
    }

    private static void WritePlace(SaidItem said, Utf8JsonWriter writer)
    {
        writer.WriteString("item_id"u8, said.Id);
        writer.WriteNumber("output_index"u8, said.Index);
        if (said.Kind is not SaidKind.Call)
        {
            writer.WriteNumber(said.Kind is SaidKind.Reasoning ? "summary_index"u8 : "content_index"u8, 0);
        }
    }

    private void End(IBufferWriter<byte> output)
    {
        EndOpen(output);
        foreach (var call in _tools)
        {
            EndItem(call, output);
        }

        _told = SseLines.WriteLosses(output, losses, _told);
        var isWhole = ResponseWriter.StatusOf(_stop).SequenceEqual("completed"u8);
        WriteResponse(isWhole ? "response.completed"u8 : "response.incomplete"u8, ResponseWriter.StatusOf(_stop), output);
    }

    private void WriteResponse(ReadOnlySpan<byte> type, ReadOnlySpan<byte> status, IBufferWriter<byte> output)
    {
        using var writer = BeginEvent(type, output);
        writer.WriteStartObject("response"u8);
        ResponseWriter.WriteHead(_id, _model, _created, _stop, status, writer);
        writer.WriteStartArray("output"u8);
        foreach (var item in _items)
        {
            item.Write(writer, isWhole: true, losses);
        }

        writer.WriteEndArray();
        ResponseWriter.WriteTail(_usage, writer);
        writer.WriteEndObject();
        EndEvent(writer, output);
    }

    private Utf8JsonWriter BeginEvent(ReadOnlySpan<byte> type, IBufferWriter<byte> output)
    {
        output.Write("event: "u8);
        output.Write(type);
        output.Write("\ndata: "u8);
        var writer = new Utf8JsonWriter(output, JsonText.Options);
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        writer.WriteNumber("sequence_number"u8, _number++);
        return writer;
    }

    private static void EndEvent(Utf8JsonWriter writer, IBufferWriter<byte> output)
    {
        writer.WriteEndObject();
        writer.Flush();
        output.Write("\n\n"u8);
    }
}
