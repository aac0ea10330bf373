using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>Writes what was said: the system apart, all of one role that follows each other as one message, results of tools before what else a user says.</summary>
internal static class TurnWriter
{
    private const string Dialect = "Anthropic's dialect";

    /// <summary>Writes <c>system</c>, where there is one.</summary>
    public static void WriteSystem(List<Turn> turns, Utf8JsonWriter writer, Losses losses)
    {
        var words = SaidTurns.SystemOf(turns, Dialect, losses);
        if (words.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("system"u8);
        foreach (var text in words)
        {
            BlockWriter.Write(text, writer, losses);
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes <c>messages</c>.</summary>
    public static void WriteMessages(List<Turn> turns, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartArray("messages"u8);
        foreach (var (role, parts) in SaidTurns.Merged(turns, Dialect, losses))
        {
            if (role is Role.Assistant)
            {
                LoseUnsigned(parts, losses);
            }

            if (parts.Count > 0)
            {
                WriteMessage(parts, role, writer, losses);
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteMessage(List<ContentPart> parts, Role role, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, role is Role.User ? "user"u8 : "assistant"u8);
        if (parts is [TextPart { CacheControl.IsNothing: true, Citations: null } only])
        {
            only.Text.WriteTo(writer, "content"u8);
        }
        else
        {
            writer.WriteStartArray("content"u8);
            WriteBlocks(parts, areFirst: true, writer, losses);
            WriteBlocks(parts, areFirst: false, writer, losses);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    // Results of tools must stand first, and so must reasoning.
    private static void WriteBlocks(List<ContentPart> parts, bool areFirst, Utf8JsonWriter writer, Losses losses)
    {
        foreach (var part in parts)
        {
            if (part is ToolResultPart or ReasoningPart == areFirst)
            {
                BlockWriter.Write(part, writer, losses);
            }
        }
    }

    private static void LoseUnsigned(List<ContentPart> parts, Losses losses) => parts.RemoveAll(part =>
    {
        var isUnsigned = part is ReasoningPart thought && !thought.Signature.HasText && !thought.Redacted.HasText;
        if (isUnsigned)
        {
            losses.Add(part.Origin, "Anthropic's dialect takes earlier reasoning only with its signature");
        }

        return isUnsigned;
    });
}
