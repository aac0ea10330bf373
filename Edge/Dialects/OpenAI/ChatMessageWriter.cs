using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Writes the messages of a request: results of tools are messages of their own, and what a tool gave besides text is said by the user after them.</summary>
internal static class ChatMessageWriter
{
    /// <summary>Writes all.</summary>
    public static void Write(List<Turn> turns, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartArray("messages"u8);
        foreach (var turn in turns)
        {
            if (turn.Role is Role.Assistant)
            {
                WriteAssistant(turn, writer, losses);
            }
            else
            {
                WriteSaid(turn, writer, losses);
            }
        }

        writer.WriteEndArray();
    }

    /// <summary>Tells that marks of what to keep are left out.</summary>
    public static void LoseCache(Json cacheControl, Losses losses)
    {
        if (!cacheControl.IsNothing)
        {
            losses.Add("cache_control", "providers of OpenAI's dialect keep what they find worth it by themselves");
        }
    }

    /// <summary>Writes calls of tools.</summary>
    public static void WriteCalls(List<ContentPart> parts, Utf8JsonWriter writer)
    {
        if (!parts.Exists(static p => p is ToolCallPart))
        {
            return;
        }

        writer.WriteStartArray("tool_calls"u8);
        foreach (var part in parts)
        {
            if (part is ToolCallPart call)
            {
                writer.WriteStartObject();
                call.Id.WriteTo(writer, "id"u8);
                writer.WriteString("type"u8, "function"u8);
                writer.WriteStartObject("function"u8);
                call.Name.WriteTo(writer, "name"u8);
                JsonText.WriteInputText(writer, "arguments"u8, call.Input);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteAssistant(Turn turn, Utf8JsonWriter writer, Losses losses)
    {
        var hasCalls = false;
        foreach (var part in turn.Parts)
        {
            hasCalls |= part is ToolCallPart;
            LoseCache(part.CacheControl, losses);
            LoseUnsaid(part, losses);
        }

        var text = JsonText.Join(turn.Parts);
        var refusal = turn.Parts.Find(static p => p is RefusalPart) as RefusalPart;
        if (!hasCalls && !text.HasText && refusal is null && turn.Parts.Count > 0)
        {
            // All that it said is told as left out.
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("role"u8, "assistant"u8);
        turn.Name.WriteTo(writer, "name"u8);
        if (text.HasText || !hasCalls)
        {
            text.WriteTo(writer, "content"u8);
        }
        else
        {
            writer.WriteNull("content"u8);
        }

        refusal?.Text.WriteTo(writer, "refusal"u8);
        WriteCalls(turn.Parts, writer);
        writer.WriteEndObject();
    }

    private static void LoseUnsaid(ContentPart part, Losses losses)
    {
        if (part is ReasoningPart or ForeignPart)
        {
            losses.Add(part.Origin, part is ReasoningPart ? "earlier reasoning cannot be sent in OpenAI's dialect" : "it has no counterpart in OpenAI's dialect");
        }
        else if (part is MediaPart or ToolResultPart)
        {
            throw new DialectFaultException("OpenAI's dialect has no such part in what an assistant said.", part.Origin);
        }
        else if (part is TextPart { Citations: not null })
        {
            losses.Add("citations", "OpenAI's dialect has none in messages of a request");
        }
    }

    private static void WriteSaid(Turn turn, Utf8JsonWriter writer, Losses losses)
    {
        var rest = new List<ContentPart>(turn.Parts.Count);
        foreach (var part in turn.Parts)
        {
            LoseCache(part.CacheControl, losses);
            if (part is ToolResultPart result)
            {
                WriteResult(result, rest, writer, losses);
            }
            else
            {
                rest.Add(part);
            }
        }

        if (rest.Count == 0 && turn.Parts.Count > 0)
        {
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("role"u8, turn.Role is Role.System ? "system"u8 : "user"u8);
        turn.Name.WriteTo(writer, "name"u8);
        if (rest.Count == 1 && rest[0] is TextPart only)
        {
            only.Text.WriteTo(writer, "content"u8);
        }
        else
        {
            writer.WriteStartArray("content"u8);
            foreach (var part in rest)
            {
                ChatPartWriter.Write(part, writer, losses);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteResult(ToolResultPart result, List<ContentPart> rest, Utf8JsonWriter writer, Losses losses)
    {
        if (result.IsError.IsTrue)
        {
            losses.Add(result.IsError, "OpenAI's dialect does not tell that a tool failed");
        }

        foreach (var part in result.Parts)
        {
            LoseCache(part.CacheControl, losses);
            if (part is not TextPart)
            {
                losses.Add(part.Origin, "OpenAI's dialect takes only text from tools, sent as the user's after it");
                rest.Add(part);
            }
        }

        writer.WriteStartObject();
        writer.WriteString("role"u8, "tool"u8);
        result.CallId.WriteTo(writer, "tool_call_id"u8);
        JsonText.Join(result.Parts).WriteTo(writer, "content"u8);
        writer.WriteEndObject();
    }
}
