using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Writes a chat completion; reasoning as <c>reasoning_content</c>, with what proves it in <c>reasoning_details</c>, as compatible providers do.</summary>
internal static class ChatAnswerWriter
{
    /// <summary>Writes it.</summary>
    public static void Write(Answer answer, Asked asked, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        (answer.Id.HasText ? answer.Id : Json.OfPlain("chatcmpl"u8)).WriteTo(writer, "id"u8);
        writer.WriteString("object"u8, "chat.completion"u8);
        (answer.Created.IsNothing ? Json.Of(asked.Now) : answer.Created).WriteTo(writer, "created"u8);
        answer.Model.WriteTo(writer, "model"u8);
        writer.WriteStartArray("choices"u8);
        foreach (var candidate in answer.Candidates)
        {
            Write(candidate, writer, losses);
        }

        writer.WriteEndArray();
        if (answer.Usage is { } usage)
        {
            writer.WritePropertyName("usage"u8);
            WriteUsage(usage, writer);
        }

        answer.ServiceTier.WriteTo(writer, "service_tier"u8);
        answer.Fingerprint.WriteTo(writer, "system_fingerprint"u8);
        writer.WriteEndObject();
    }

    /// <summary>Writes what was used, with its parts.</summary>
    public static void WriteUsage(in TokenCounts usage, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("prompt_tokens"u8, usage.Input);
        writer.WriteNumber("completion_tokens"u8, usage.Output);
        writer.WriteNumber("total_tokens"u8, usage.Input + usage.Output);
        writer.WriteStartObject("prompt_tokens_details"u8);
        writer.WriteNumber("cached_tokens"u8, usage.CachedRead);
        writer.WriteNumber("cache_write_tokens"u8, usage.CacheWrite);
        writer.WriteNumber("audio_tokens"u8, usage.InputAudio);
        writer.WriteEndObject();
        writer.WriteStartObject("completion_tokens_details"u8);
        writer.WriteNumber("reasoning_tokens"u8, usage.Reasoning);
        writer.WriteNumber("audio_tokens"u8, usage.OutputAudio);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Write(Candidate candidate, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, candidate.Index);
        writer.WriteStartObject("message"u8);
        writer.WriteString("role"u8, "assistant"u8);
        WriteParts(candidate.Parts, writer, losses);
        writer.WriteEndObject();
        if (candidate.LogProbabilities.IsNothing)
        {
            writer.WriteNull("logprobs"u8);
        }
        else
        {
            candidate.LogProbabilities.WriteTo(writer, "logprobs"u8);
        }

        writer.WriteString("finish_reason"u8, ChatStops.Write(candidate.Stop));
        losses.Add(candidate.StopText, "OpenAI's dialect does not tell which text ended the answer");
        if (candidate.Stop is StopReason.Paused)
        {
            losses.Add("stop_reason", "OpenAI's dialect knows no pause, told as stop");
        }

        writer.WriteEndObject();
    }

    private static void WriteParts(List<ContentPart> parts, Utf8JsonWriter writer, Losses losses)
    {
        var text = JsonText.Join(parts);
        if (parts.Exists(static p => p is TextPart))
        {
            text.WriteTo(writer, "content"u8);
        }
        else
        {
            writer.WriteNull("content"u8);
        }

        var refusal = parts.Find(static p => p is RefusalPart) as RefusalPart;
        if (refusal is null)
        {
            writer.WriteNull("refusal"u8);
        }
        else
        {
            refusal.Text.WriteTo(writer, "refusal"u8);
        }

        var thoughts = parts.FindAll(static p => p is ReasoningPart { Text.HasText: true });
        if (thoughts.Count > 0)
        {
            JsonText.Join(thoughts.ConvertAll<ContentPart>(static p => new TextPart { Text = ((ReasoningPart)p).Text })).WriteTo(writer, "reasoning_content"u8);
        }

        ReasoningDetails.Write(writer, parts);
        ChatMessageWriter.WriteCalls(parts, writer);
        ChatAnnotations.Write(writer, parts, losses);
        foreach (var part in parts)
        {
            if (part is ForeignPart)
            {
                losses.Add(part.Origin, "it has no counterpart in OpenAI's dialect");
            }
        }
    }
}
