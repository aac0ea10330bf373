using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>Writes a message that is an answer.</summary>
internal static class MessageWriter
{
    /// <summary>Writes it.</summary>
    public static void Write(Answer answer, Utf8JsonWriter writer, Losses losses)
    {
        var candidate = answer.Candidates.Count > 0 ? answer.Candidates[0] : new Candidate();
        if (answer.Candidates.Count > 1)
        {
            losses.Add("choices", "Anthropic's dialect gives one answer at a time, the first");
        }

        losses.Add(answer.Fingerprint, "Anthropic's dialect has no such field");
        losses.Add(candidate.LogProbabilities, "Anthropic's dialect has none");
        writer.WriteStartObject();
        (answer.Id.HasText ? answer.Id : Json.OfPlain("msg"u8)).WriteTo(writer, "id"u8);
        writer.WriteString("type"u8, "message"u8);
        writer.WriteString("role"u8, "assistant"u8);
        (answer.Model.IsNothing ? JsonText.Empty : answer.Model).WriteTo(writer, "model"u8);
        writer.WriteStartArray("content"u8);
        var tools = 0;
        foreach (var part in candidate.Parts)
        {
            Write(part, ref tools, writer, losses);
        }

        writer.WriteEndArray();
        writer.WriteString("stop_reason"u8, MessageStops.Write(candidate.Stop));
        if (candidate.StopText.IsNothing)
        {
            writer.WriteNull("stop_sequence"u8);
        }
        else
        {
            candidate.StopText.WriteTo(writer, "stop_sequence"u8);
        }

        writer.WritePropertyName("usage"u8);
        WriteUsage(answer.Usage ?? default, writer);
        writer.WriteEndObject();
    }

    /// <summary>Writes what was used: the input without what was read from and written to a cache.</summary>
    public static void WriteUsage(in TokenCounts usage, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("input_tokens"u8, Math.Max(0, usage.Input - usage.CachedRead - usage.CacheWrite));
        writer.WriteNumber("cache_creation_input_tokens"u8, usage.CacheWrite);
        writer.WriteNumber("cache_read_input_tokens"u8, usage.CachedRead);
        writer.WriteNumber("output_tokens"u8, usage.Output);
        writer.WriteStartObject("output_tokens_details"u8);
        writer.WriteNumber("thinking_tokens"u8, usage.Reasoning);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Write(ContentPart part, ref int tools, Utf8JsonWriter writer, Losses losses)
    {
        switch (part)
        {
            case TextPart { Text.HasText: false } or RefusalPart { Text.HasText: false }:
                break;
            case ToolCallPart call:
                WriteCall(call, tools++, writer, losses);
                break;
            case ForeignPart:
                losses.Add(part.Origin, "it has no counterpart in Anthropic's dialect");
                break;
            default:
                if (part is RefusalPart)
                {
                    losses.Add("refusal", "Anthropic's dialect does not tell it from other text");
                }

                if (part is TextPart { Citations: not null })
                {
                    losses.Add("annotations", "Anthropic's dialect has only sources that its own provider found");
                }

                BlockWriter.Write(part, writer, losses);
                break;
        }
    }

    private static void WriteCall(ToolCallPart call, int tool, Utf8JsonWriter writer, Losses losses)
    {
        var input = JsonText.InputObject(call.Input);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "tool_use"u8);
        (call.Id.HasText ? call.Id : ToolIds.Of(0, tool)).WriteTo(writer, "id"u8);
        call.Name.WriteTo(writer, "name"u8);
        if (input.IsNothing)
        {
            // What the model wrote is no JSON object: kept as it is, so that the caller can tell the model.
            losses.Add(call.Origin, "its arguments are no JSON object, given as text in 'arguments'");
            writer.WriteStartObject("input"u8);
            call.Input.WriteTo(writer, "arguments"u8);
            writer.WriteEndObject();
        }
        else
        {
            input.WriteTo(writer, "input"u8);
        }

        writer.WriteEndObject();
    }
}
