using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Cohere;

/// <summary>Writes a request: its messages and tools are as OpenAI's, other fields have names of their own.</summary>
internal static class CohereRequestWriter
{
    private const string NoSuchField = "Cohere's dialect has no such field";

    /// <summary>Writes it.</summary>
    public static void Write(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        if (!conversation.Answers.IsNothing)
        {
            throw new DialectFaultException("Cohere's dialect gives one answer at a time.", conversation.Answers);
        }

        writer.WriteStartObject();
        conversation.Model.WriteTo(writer, "model"u8);
        WriteMessages(conversation, writer, losses);
        if (conversation.MaxTokens is { } most)
        {
            writer.WriteNumber("max_tokens"u8, most);
        }

        conversation.Temperature.WriteTo(writer, "temperature"u8);
        conversation.TopP.WriteTo(writer, "p"u8);
        conversation.TopK.WriteTo(writer, "k"u8);
        conversation.Seed.WriteTo(writer, "seed"u8);
        conversation.FrequencyPenalty.WriteTo(writer, "frequency_penalty"u8);
        conversation.PresencePenalty.WriteTo(writer, "presence_penalty"u8);
        JsonText.WriteTexts(writer, "stop_sequences"u8, conversation.Stop);
        WriteTools(conversation, writer, losses);
        WriteFormat(conversation.Format, writer);
        WriteThinking(conversation.Reasoning, writer);
        if (!conversation.LogProbabilities.IsNothing)
        {
            throw new DialectFaultException("Cohere's log probabilities have no counterpart.", conversation.LogProbabilities);
        }

        losses.Add(conversation.User, NoSuchField);
        losses.Add(conversation.TopLogProbabilities, NoSuchField);
        writer.WriteBoolean("stream"u8, conversation.Stream);
        writer.WriteEndObject();
    }

    private static void WriteMessages(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        foreach (var turn in conversation.Turns)
        {
            losses.Add(turn.Name, "Cohere's dialect has no names of who speaks");
            turn.Name = default;
            foreach (var part in turn.Parts)
            {
                if (part is MediaPart { Medium: not Medium.Image })
                {
                    throw new DialectFaultException("Cohere's dialect has no such part.", part.Origin);
                }
            }
        }

        ChatMessageWriter.Write(conversation.Turns, writer, losses);
    }

    private static void WriteTools(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        if (conversation.Tools.Count == 0)
        {
            return;
        }

        var only = conversation.ToolChoice is { Use: ToolUse.One, Name: var chosen } ? chosen : default;
        writer.WriteStartArray("tools"u8);
        foreach (var tool in conversation.Tools)
        {
            ChatMessageWriter.LoseCache(tool.CacheControl, losses);
            if (!only.IsNothing && !tool.Name.Span.SequenceEqual(only.Span))
            {
                continue;
            }

            ChatRequestWriter.WriteFunction(tool, tool.Schema, default, writer);
        }

        writer.WriteEndArray();
        if (conversation.Tools.TrueForAll(static t => t.Strict.IsTrue))
        {
            writer.WriteBoolean("strict_tools"u8, true);
        }

        // One that must be called is the only one that is sent.
        if (conversation.ToolChoice.Use is ToolUse.Any or ToolUse.One or ToolUse.None)
        {
            writer.WriteString("tool_choice"u8, conversation.ToolChoice.Use is ToolUse.None ? "NONE"u8 : "REQUIRED"u8);
        }

        if (conversation.ParallelTools is false)
        {
            losses.Add("parallel_tool_calls", "Cohere's dialect cannot ask for one call at a time");
        }
    }

    private static void WriteFormat(in OutputFormat format, Utf8JsonWriter writer)
    {
        if (format.Form is not OutputForm.Text)
        {
            writer.WriteStartObject("response_format"u8);
            writer.WriteString("type"u8, "json_object"u8);
            format.Schema.WriteTo(writer, "json_schema"u8);
            writer.WriteEndObject();
        }
    }

    private static void WriteThinking(in ReasoningWish wish, Utf8JsonWriter writer)
    {
        var isOff = wish.Mode is ReasoningMode.Off || wish.Effort.Is("none"u8);
        if (!isOff && wish.Mode is ReasoningMode.NotSaid && !wish.Effort.HasText)
        {
            return;
        }

        writer.WriteStartObject("thinking"u8);
        writer.WriteString("type"u8, isOff ? "disabled"u8 : "enabled"u8);
        if (!isOff && wish.Budget is { } budget)
        {
            writer.WriteNumber("token_budget"u8, budget);
        }

        writer.WriteEndObject();
    }
}
