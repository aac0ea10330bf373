using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Writes a whole answer.</summary>
internal static class GenerateAnswerWriter
{
    /// <summary>Writes it.</summary>
    public static void Write(Answer answer, Utf8JsonWriter writer, Losses losses)
    {
        losses.Add(answer.Fingerprint, "Gemini's dialect has no such field");
        writer.WriteStartObject();
        writer.WriteStartArray("candidates"u8);
        foreach (var candidate in answer.Candidates)
        {
            Write(candidate, writer, losses);
        }

        writer.WriteEndArray();
        if (answer.Usage is { } usage)
        {
            writer.WritePropertyName("usageMetadata"u8);
            UsageMetadata.Write(usage, writer);
        }

        answer.Model.WriteTo(writer, "modelVersion"u8);
        answer.Id.WriteTo(writer, "responseId"u8);
        writer.WriteEndObject();
    }

    /// <summary>Writes the call of a function, whatever its arguments are.</summary>
    public static void WriteCall(ToolCallPart call, Utf8JsonWriter writer, Losses losses)
    {
        if (JsonText.InputObject(call.Input).IsNothing)
        {
            // What the model wrote is no JSON object: kept as it is, so that the caller can tell the model.
            losses.Add(call.Origin, "its arguments are no JSON object, given as text in 'arguments'");
            call = new ToolCallPart { Id = call.Id, Name = call.Name, Input = JsonText.Wrap("arguments"u8, call.Input), Origin = call.Origin };
        }

        PartWriter.WriteCall(call, call.Id, default, writer);
    }

    private static void Write(Candidate candidate, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("content"u8);
        writer.WriteStartArray("parts"u8);
        foreach (var part in candidate.Parts)
        {
            Write(part, writer, losses);
        }

        writer.WriteEndArray();
        writer.WriteString("role"u8, "model"u8);
        writer.WriteEndObject();
        writer.WriteString("finishReason"u8, FinishReasons.Write(candidate.Stop));
        writer.WriteNumber("index"u8, candidate.Index);
        var sources = candidate.Parts.OfType<TextPart>().SelectMany(static t => t.Citations ?? []).ToList();
        GroundingSources.Write([.. sources.Where(static s => s.Url.IsString).Select(static s => (s.Url, s.Title))], writer);
        foreach (var source in sources.Where(static s => !s.Url.IsString))
        {
            losses.Add(source.Origin, "sources in documents have no counterpart in Gemini's dialect");
        }

        LogProbabilities.Write(candidate.LogProbabilities, writer);
        losses.Add(candidate.StopText, "Gemini's dialect does not tell which text ended the answer");
        if (candidate.Stop is StopReason.Paused)
        {
            losses.Add("stop_reason", "Gemini's dialect knows no pause, told as STOP");
        }

        writer.WriteEndObject();
    }

    private static void Write(ContentPart part, Utf8JsonWriter writer, Losses losses)
    {
        switch (part)
        {
            case ReasoningPart thought:
                WriteThought(thought, writer);
                break;
            case ToolCallPart call:
                WriteCall(call, writer, losses);
                break;
            case ForeignPart:
                losses.Add(part.Origin, "it has no counterpart in Gemini's dialect");
                break;
            default:
                if (part is RefusalPart)
                {
                    losses.Add("refusal", "Gemini's dialect does not tell it from other text");
                }

                PartWriter.Write(part, writer, losses);
                break;
        }
    }

    private static void WriteThought(ReasoningPart thought, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        (thought.Text.IsNothing ? JsonText.Empty : thought.Text).WriteTo(writer, "text"u8);
        writer.WriteBoolean("thought"u8, true);
        if (thought.Redacted.HasText || thought.Signature.HasText)
        {
            ThoughtSignature.Wrap(thought.Redacted.HasText ? thought.Redacted : thought.Signature, thought.Redacted.HasText).WriteTo(writer, "thoughtSignature"u8);
        }

        writer.WriteEndObject();
    }
}
