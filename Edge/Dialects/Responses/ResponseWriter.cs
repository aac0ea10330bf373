using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Responses;

/// <summary>Writes a response; reasoning as the summary of an item of its own, with what proves it as its encrypted content.</summary>
internal static class ResponseWriter
{
    /// <summary>Writes it.</summary>
    public static void Write(Answer answer, Asked asked, Utf8JsonWriter writer, Losses losses)
    {
        if (answer.Candidates.Count > 1)
        {
            losses.Add("choices", "the responses dialect gives one answer at a time, the first");
        }

        var candidate = answer.Candidates.Count > 0 ? answer.Candidates[0] : new Candidate();
        losses.Add(answer.Fingerprint, "the responses dialect has no such field");
        losses.Add(candidate.LogProbabilities, "they are not told to clients of the responses dialect");
        losses.Add(candidate.StopText, "the responses dialect does not tell which text ended the answer");
        if (candidate.Stop is StopReason.Paused)
        {
            losses.Add("stop_reason", "the responses dialect knows no pause, told as completed");
        }

        writer.WriteStartObject();
        WriteHead(answer.Id, answer.Model, answer.Created.IsNothing ? Json.Of(asked.Now) : answer.Created, candidate.Stop, StatusOf(candidate.Stop), writer);
        answer.ServiceTier.WriteTo(writer, "service_tier"u8);
        writer.WriteStartArray("output"u8);
        WriteItems(candidate.Parts, writer, losses);
        writer.WriteEndArray();
        WriteTail(answer.Usage, writer);
        writer.WriteEndObject();
    }

    /// <summary>How far a response is, by why it ended.</summary>
    public static ReadOnlySpan<byte> StatusOf(StopReason stop) => stop is StopReason.Length or StopReason.Filtered ? "incomplete"u8 : "completed"u8;

    /// <summary>Writes the fields before the output.</summary>
    public static void WriteHead(Json id, Json model, Json created, StopReason stop, ReadOnlySpan<byte> status, Utf8JsonWriter writer)
    {
        (id.HasText ? id : Json.OfPlain("resp"u8)).WriteTo(writer, "id"u8);
        writer.WriteString("object"u8, "response"u8);
        (created.IsNothing ? Json.Of(0) : created).WriteTo(writer, "created_at"u8);
        writer.WriteString("status"u8, status);
        writer.WriteNull("error"u8);
        if (stop is StopReason.Length or StopReason.Filtered)
        {
            writer.WriteStartObject("incomplete_details"u8);
            writer.WriteString("reason"u8, stop is StopReason.Length ? "max_output_tokens"u8 : "content_filter"u8);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("incomplete_details"u8);
        }

        writer.WriteNull("instructions"u8);
        (model.IsNothing ? JsonText.Empty : model).WriteTo(writer, "model"u8);
    }

    /// <summary>Writes the fields after the output.</summary>
    public static void WriteTail(TokenCounts? usage, Utf8JsonWriter writer)
    {
        writer.WriteBoolean("parallel_tool_calls"u8, true);
        writer.WriteString("tool_choice"u8, "auto"u8);
        writer.WriteStartArray("tools"u8);
        writer.WriteEndArray();
        writer.WriteNull("previous_response_id"u8);
        writer.WriteStartObject("metadata"u8);
        writer.WriteEndObject();
        if (usage is { } told)
        {
            WriteUsage(told, writer);
        }
        else
        {
            writer.WriteNull("usage"u8);
        }
    }

    /// <summary>The name of an item that its provider gave none.</summary>
    public static string ItemId(string kind, int index) => string.Create(CultureInfo.InvariantCulture, $"{kind}_{index}");

    /// <summary>Writes the sources of a text, as a list.</summary>
    public static void WriteSources(TextPart text, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartArray("annotations"u8);
        foreach (var citation in text.Citations ?? [])
        {
            if (citation.Url.IsString)
            {
                WriteSource(citation, Encoding.UTF8.GetCharCount(text.Text.Unescape().Span), writer);
            }
            else
            {
                losses.Add("citations", "those of documents have no counterpart in the responses dialect");
            }
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes one source of a text of so many letters.</summary>
    public static void WriteSource(in Citation citation, int length, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "url_citation"u8);
        writer.WriteNumber("start_index"u8, 0);
        writer.WriteNumber("end_index"u8, length);
        citation.Url.WriteTo(writer, "url"u8);
        (citation.Title.IsString ? citation.Title : JsonText.Empty).WriteTo(writer, "title"u8);
        writer.WriteEndObject();
    }

    // Texts and refusals that follow each other are one message.
    private static void WriteItems(List<ContentPart> parts, Utf8JsonWriter writer, Losses losses)
    {
        var index = 0;
        for (var i = 0; i < parts.Count; i++)
        {
            switch (parts[i])
            {
                case TextPart or RefusalPart:
                    var end = i;
                    while (end < parts.Count && parts[end] is TextPart or RefusalPart)
                    {
                        end++;
                    }

                    WriteMessage(parts[i..end], index++, writer, losses);
                    i = end - 1;
                    break;
                case ToolCallPart call:
                    WriteCall(call, index++, writer);
                    break;
                case ReasoningPart thought:
                    WriteReasoning(thought, index++, writer);
                    break;
                default:
                    losses.Add(parts[i].Origin, "it has no counterpart in the responses dialect");
                    break;
            }
        }
    }

    private static void WriteMessage(List<ContentPart> parts, int index, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, ItemId("msg", index));
        writer.WriteString("type"u8, "message"u8);
        writer.WriteString("status"u8, "completed"u8);
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteStartArray("content"u8);
        foreach (var part in parts)
        {
            writer.WriteStartObject();
            if (part is RefusalPart refusal)
            {
                writer.WriteString("type"u8, "refusal"u8);
                refusal.Text.WriteTo(writer, "refusal"u8);
            }
            else if (part is TextPart text)
            {
                writer.WriteString("type"u8, "output_text"u8);
                text.Text.WriteTo(writer, "text"u8);
                WriteSources(text, writer, losses);
                writer.WriteStartArray("logprobs"u8);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteCall(ToolCallPart call, int index, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, ItemId("fc", index));
        writer.WriteString("type"u8, "function_call"u8);
        writer.WriteString("status"u8, "completed"u8);
        (call.Id.HasText ? call.Id : ToolIds.Of(0, index)).WriteTo(writer, "call_id"u8);
        call.Name.WriteTo(writer, "name"u8);
        JsonText.WriteInputText(writer, "arguments"u8, call.Input);
        writer.WriteEndObject();
    }

    private static void WriteReasoning(ReasoningPart thought, int index, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, ItemId("rs", index));
        writer.WriteString("type"u8, "reasoning"u8);
        writer.WriteStartArray("summary"u8);
        if (thought.Text.HasText)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "summary_text"u8);
            thought.Text.WriteTo(writer, "text"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        (thought.Redacted.HasText ? EncryptedContent.OfRedacted(thought.Redacted) : thought.Signature).WriteTo(writer, "encrypted_content"u8);
        writer.WriteEndObject();
    }

    private static void WriteUsage(in TokenCounts usage, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("input_tokens"u8, usage.Input);
        writer.WriteStartObject("input_tokens_details"u8);
        writer.WriteNumber("cached_tokens"u8, usage.CachedRead);
        writer.WriteNumber("cache_write_tokens"u8, usage.CacheWrite);
        writer.WriteEndObject();
        writer.WriteNumber("output_tokens"u8, usage.Output);
        writer.WriteStartObject("output_tokens_details"u8);
        writer.WriteNumber("reasoning_tokens"u8, usage.Reasoning);
        writer.WriteEndObject();
        writer.WriteNumber("total_tokens"u8, usage.Input + usage.Output);
        writer.WriteEndObject();
    }
}
