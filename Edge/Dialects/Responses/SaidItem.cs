using System.Buffers;
using System.Text;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Responses;

/// <summary>What an item of a stream is.</summary>
internal enum SaidKind
{
    Text,
    Refusal,
    Reasoning,
    Call,
}

/// <summary>An item of a stream that is written: what of it was said so far.</summary>
internal sealed class SaidItem(SaidKind kind, int index)
{
    private readonly ArrayBufferWriter<byte> _text = new(256);
    private List<byte>? _proof;
    private List<Citation>? _sources;

    public SaidKind Kind => kind;

    /// <summary>Its place among the items.</summary>
    public int Index => index;

    public string Id { get; } = ResponseWriter.ItemId(kind switch { SaidKind.Call => "fc", SaidKind.Reasoning => "rs", _ => "msg" }, index);

    /// <summary>Of a call.</summary>
    public Json CallId { get; init; }

    /// <summary>Of a call.</summary>
    public Json Name { get; init; }

    /// <summary>Whether anything was said of it.</summary>
    public bool HasText => _text.WrittenCount > 0;

    /// <summary>All of it, as a JSON string.</summary>
    public Json Text => Json.OfPlain(_text.WrittenSpan);

    /// <summary>How many letters.</summary>
    public int Letters => Encoding.UTF8.GetCharCount(Text.Unescape().Span);

    /// <summary>The field in which all of it is told.</summary>
    public ReadOnlySpan<byte> FieldName => kind switch { SaidKind.Call => "arguments"u8, SaidKind.Refusal => "refusal"u8, _ => "text"u8 };

    /// <summary>The type of the event by which it goes on.</summary>
    public ReadOnlySpan<byte> DeltaName => kind switch
    {
        SaidKind.Call => "response.function_call_arguments.delta"u8,
        SaidKind.Refusal => "response.refusal.delta"u8,
        SaidKind.Reasoning => "response.reasoning_summary_text.delta"u8,
        _ => "response.output_text.delta"u8,
    };

    /// <summary>The type of the event that tells all of what was said in it.</summary>
    public ReadOnlySpan<byte> DoneName => kind switch
    {
        SaidKind.Call => "response.function_call_arguments.done"u8,
        SaidKind.Refusal => "response.refusal.done"u8,
        SaidKind.Reasoning => "response.reasoning_summary_text.done"u8,
        _ => "response.output_text.done"u8,
    };

    /// <summary>What is the same in each event by which it goes on, before its text.</summary>
    public byte[]? DeltaPlace { get; set; }

    /// <summary>It goes on.</summary>
    public void Add(Json text) => _text.Write(text.Span[1..^1]);

    /// <summary>What proves it goes on.</summary>
    public void Prove(Json piece) => (_proof ??= []).AddRange(piece.Span[1..^1]);

    /// <summary>It has a source; answers which one.</summary>
    public int Cite(Citation source)
    {
        (_sources ??= []).Add(source);
        return _sources.Count - 1;
    }

    /// <summary>Writes its only part.</summary>
    public void WritePart(Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, kind switch { SaidKind.Reasoning => "summary_text"u8, SaidKind.Refusal => "refusal"u8, _ => "output_text"u8 });
        Text.WriteTo(writer, FieldName);
        if (kind is SaidKind.Text)
        {
            ResponseWriter.WriteSources(new TextPart { Text = Text, Citations = _sources }, writer, losses);
            writer.WriteStartArray("logprobs"u8);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes it: whole, or as it begins.</summary>
    public void Write(Utf8JsonWriter writer, bool isWhole, Losses losses)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, Id);
        writer.WriteString("type"u8, kind switch { SaidKind.Call => "function_call"u8, SaidKind.Reasoning => "reasoning"u8, _ => "message"u8 });
        if (kind is SaidKind.Reasoning)
        {
            WriteParts("summary"u8, isWhole, writer, losses);
            if (_proof is not null)
            {
                Json.OfPlain([.. _proof]).WriteTo(writer, "encrypted_content"u8);
            }
        }
        else
        {
            writer.WriteString("status"u8, isWhole ? "completed"u8 : "in_progress"u8);
        }

        if (kind is SaidKind.Call)
        {
            CallId.WriteTo(writer, "call_id"u8);
            Name.WriteTo(writer, "name"u8);
            Text.WriteTo(writer, FieldName);
        }
        else if (kind is not SaidKind.Reasoning)
        {
            writer.WriteString("role"u8, "assistant"u8);
            WriteParts("content"u8, isWhole, writer, losses);
        }

        writer.WriteEndObject();
    }

    private void WriteParts(ReadOnlySpan<byte> name, bool isWhole, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartArray(name);
        if (isWhole && (HasText || kind is not SaidKind.Reasoning))
        {
            WritePart(writer, losses);
        }

        writer.WriteEndArray();
    }
}
