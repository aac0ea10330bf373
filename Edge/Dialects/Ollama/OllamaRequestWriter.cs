using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Ollama;

/// <summary>Writes a request.</summary>
internal static class OllamaRequestWriter
{
    private const string NoSuchField = "Ollama's dialect has no such field";

    /// <summary>Writes it.</summary>
    public static void Write(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        if (!conversation.Answers.IsNothing)
        {
            throw new DialectFaultException("Ollama's dialect gives one answer at a time.", conversation.Answers);
        }

        if (!conversation.LogProbabilities.IsNothing)
        {
            throw new DialectFaultException("Ollama's log probabilities have no counterpart.", conversation.LogProbabilities);
        }

        writer.WriteStartObject();
        conversation.Model.WriteTo(writer, "model"u8);
        OllamaMessageWriter.Write(conversation.Turns, writer, losses);
        WriteTools(conversation, writer, losses);
        if (conversation.Format.Form is OutputForm.Json)
        {
            writer.WriteString("format"u8, "json"u8);
        }
        else
        {
            conversation.Format.Schema.WriteTo(writer, "format"u8);
        }

        WriteThinking(conversation.Reasoning, writer);
        WriteOptions(conversation, writer);
        losses.Add(conversation.User, NoSuchField);
        losses.Add(conversation.TopLogProbabilities, NoSuchField);
        writer.WriteBoolean("stream"u8, conversation.Stream);
        writer.WriteEndObject();
    }

    private static void WriteTools(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        var choice = conversation.ToolChoice;
        if (conversation.Tools.Count == 0 || choice.Use is ToolUse.None)
        {
            // Tools that are not to be called need not be known.
            return;
        }

        if (choice.Use is ToolUse.Any or ToolUse.One)
        {
            losses.Add("tool_choice", "Ollama's dialect cannot ask for the call of a tool");
        }

        if (conversation.ParallelTools is false)
        {
            losses.Add("parallel_tool_calls", "Ollama's dialect cannot ask for one call at a time");
        }

        writer.WriteStartArray("tools"u8);
        foreach (var tool in conversation.Tools)
        {
            losses.Add(tool.CacheControl, NoSuchField);
            losses.Add(tool.Strict.IsTrue ? tool.Strict : default, NoSuchField);
            ChatRequestWriter.WriteFunction(tool, tool.Schema, default, writer);
        }

        writer.WriteEndArray();
    }

    private static void WriteThinking(in ReasoningWish wish, Utf8JsonWriter writer)
    {
        if (wish.Effort.Is("low"u8) || wish.Effort.Is("medium"u8) || wish.Effort.Is("high"u8))
        {
            wish.Effort.WriteTo(writer, "think"u8);
        }
        else if (wish.Mode is not ReasoningMode.NotSaid || wish.Effort.HasText)
        {
            writer.WriteBoolean("think"u8, wish.Mode is not ReasoningMode.Off && !wish.Effort.Is("none"u8));
        }
    }

    private static void WriteOptions(Conversation conversation, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("options"u8);
        if (conversation.MaxTokens is { } most)
        {
            writer.WriteNumber("num_predict"u8, most);
        }

        conversation.Temperature.WriteTo(writer, "temperature"u8);
        conversation.TopP.WriteTo(writer, "top_p"u8);
        conversation.TopK.WriteTo(writer, "top_k"u8);
        conversation.Seed.WriteTo(writer, "seed"u8);
        conversation.FrequencyPenalty.WriteTo(writer, "frequency_penalty"u8);
        conversation.PresencePenalty.WriteTo(writer, "presence_penalty"u8);
        JsonText.WriteTexts(writer, "stop"u8, conversation.Stop);

        writer.WriteEndObject();
    }
}
