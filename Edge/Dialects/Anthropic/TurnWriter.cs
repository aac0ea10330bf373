using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>Writes what was said: the system apart, all of one role that follows each other as one message, results of tools before what else a user says.</summary>
internal static class TurnWriter
{
    /// <summary>Writes <c>system</c>, where there is one.</summary>
    public static void WriteSystem(List<Turn> turns, Utf8JsonWriter writer, Losses losses)
    {
        var (isBegun, isLater) = (false, false);
        foreach (var turn in turns)
        {
            if (turn.Role is not Role.System)
            {
                isLater = true;
                continue;
            }

            LoseName(turn, losses);
            foreach (var part in turn.Parts)
            {
                if (part is not TextPart text)
                {
                    throw new DialectFaultException("Anthropic's dialect takes only text for the system.", part.Origin);
                }

                if (!text.Text.HasText)
                {
                    continue;
                }

                if (isLater)
                {
                    losses.Add(text.Origin, "Anthropic's dialect has the system's words only before all others, moved there");
                }

                if (!isBegun)
                {
                    writer.WriteStartArray("system"u8);
                    isBegun = true;
                }

                BlockWriter.Write(text, writer, losses);
            }
        }

        if (isBegun)
        {
            writer.WriteEndArray();
        }
    }

    /// <summary>Writes <c>messages</c>.</summary>
    public static void WriteMessages(List<Turn> turns, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartArray("messages"u8);
        for (var i = 0; i < turns.Count;)
        {
            if (turns[i].Role is Role.System)
            {
                i++;
                continue;
            }

            var end = i + 1;
            while (end < turns.Count && (turns[end].Role == turns[i].Role || turns[end].Role is Role.System))
            {
                end++;
            }

            WriteMessage(turns.GetRange(i, end - i), turns[i].Role, writer, losses);
            i = end;
        }

        writer.WriteEndArray();
    }

    private static void WriteMessage(List<Turn> turns, Role role, Utf8JsonWriter writer, Losses losses)
    {
        var parts = new List<ContentPart>();
        foreach (var turn in turns)
        {
            if (turn.Role == role)
            {
                LoseName(turn, losses);
                parts.AddRange(turn.Parts);
            }
        }

        // The dialect takes no text without a letter.
        parts.RemoveAll(static p => p is TextPart { Text.HasText: false } or RefusalPart { Text.HasText: false });
        if (role is Role.Assistant)
        {
            LoseUnsigned(parts, losses);
        }

        if (parts.Count == 0)
        {
            return;
        }

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

    private static void LoseName(Turn turn, Losses losses) => losses.Add(turn.Name, "Anthropic's dialect has no names of who speaks");
}
