using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Published;

/// <summary>The answer of a prompt that is called as an API of its own.</summary>
internal static class PublishedAnswer
{
    /// <summary>Writes it: the text, and beside it the object that it holds where it is one.</summary>
    public static void Write(Answer answer, Utf8JsonWriter writer, Losses losses)
    {
        var candidate = answer.Candidates.Count > 0 ? answer.Candidates[0] : new Candidate();
        var text = JsonText.Join(candidate.Parts.ConvertAll(TextOf));
        foreach (var part in candidate.Parts)
        {
            if (part is not (TextPart or RefusalPart or ReasoningPart))
            {
                losses.Add(part.Origin, "a prompt's answer is text");
            }
        }

        writer.WriteStartObject();
        text.WriteTo(writer, "text"u8);
        Json.TryRead(text.Unescape(), out _).WriteTo(writer, "output"u8);
        writer.WriteString("finishReason"u8, WordOf(candidate.Stop));
        WriteUsage(answer.Usage ?? default, writer);
        writer.WriteEndObject();
    }

    /// <summary>Why it ended, in a word.</summary>
    public static ReadOnlySpan<byte> WordOf(StopReason stop) => stop switch
    {
        StopReason.Length => "length"u8,
        StopReason.Filtered => "filtered"u8,
        StopReason.Tools => "tools"u8,
        _ => "stop"u8,
    };

    /// <summary>Writes what was used as a field.</summary>
    public static void WriteUsage(in TokenCounts usage, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("inputTokens"u8, usage.Input);
        writer.WriteNumber("outputTokens"u8, usage.Output);
        writer.WriteEndObject();
    }

    private static ContentPart TextOf(ContentPart part) => part is RefusalPart refusal ? new TextPart { Text = refusal.Text } : part;
}
