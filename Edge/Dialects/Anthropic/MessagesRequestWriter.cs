using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>Writes a request for a message.</summary>
internal static class MessagesRequestWriter
{
    private const string NoSuchField = "Anthropic's dialect has no such field";

    /// <summary>Writes it.</summary>
    public static void Write(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        if (!conversation.Answers.IsNothing)
        {
            throw new DialectFaultException("Anthropic's dialect gives one answer at a time.", conversation.Answers);
        }

        if (!conversation.LogProbabilities.IsNothing)
        {
            throw new DialectFaultException("Anthropic's dialect has no log probabilities.", conversation.LogProbabilities);
        }

        var reasons = ReasoningWriter.Plan(conversation, losses);
        writer.WriteStartObject();
        conversation.Model.WriteTo(writer, "model"u8);
        writer.WriteNumber("max_tokens"u8, conversation.MaxTokens ?? throw new DialectFaultException("Anthropic's dialect asks for a cap of the answer.", "max_tokens"));
        TurnWriter.WriteSystem(conversation.Turns, writer, losses);
        TurnWriter.WriteMessages(conversation.Turns, writer, losses);
        WriteTools(conversation, writer);
        WriteOutput(conversation, writer, losses);
        ReasoningWriter.Write(reasons, writer);
        WriteSampling(conversation, isReasoning: reasons > 0, writer, losses);
        if (conversation.User.HasText)
        {
            writer.WriteStartObject("metadata"u8);
            conversation.User.WriteTo(writer, "user_id"u8);
            writer.WriteEndObject();
        }

        if (conversation.Stream)
        {
            writer.WriteBoolean("stream"u8, true);
        }

        writer.WriteEndObject();
    }

    private static void WriteSampling(Conversation conversation, bool isReasoning, Utf8JsonWriter writer, Losses losses)
    {
        if (conversation.Temperature.Value() is { } temperature)
        {
            if (isReasoning)
            {
                if (temperature is not 1.0)
                {
                    losses.Add(conversation.Temperature, "Anthropic's models take no temperature while they reason");
                }
            }
            else if (temperature > 1)
            {
                losses.Add(conversation.Temperature, "lowered to 1, the most in Anthropic's dialect");
                writer.WriteNumber("temperature"u8, 1);
            }
            else
            {
                conversation.Temperature.WriteTo(writer, "temperature"u8);
            }
        }

        WriteTopP(conversation, isReasoning, writer, losses);
        if (isReasoning)
        {
            losses.Add(conversation.TopK, "Anthropic's models take it not while they reason");
        }
        else
        {
            conversation.TopK.WriteTo(writer, "top_k"u8);
        }

        if (conversation.FrequencyPenalty.Value() is not (null or 0.0))
        {
            losses.Add(conversation.FrequencyPenalty, NoSuchField);
        }

        if (conversation.PresencePenalty.Value() is not (null or 0.0))
        {
            losses.Add(conversation.PresencePenalty, NoSuchField);
        }

        losses.Add(conversation.Seed, NoSuchField);
        losses.Add(conversation.TopLogProbabilities, NoSuchField);
        WriteStop(conversation.Stop, writer, losses);
    }

    private static void WriteTopP(Conversation conversation, bool isReasoning, Utf8JsonWriter writer, Losses losses)
    {
        if (conversation.TopP.Value() is not { } topP || topP is 1.0)
        {
            // All of it is what a provider takes where nothing is said; newer models refuse it beside a temperature.
            return;
        }

        if (isReasoning && topP < 0.95)
        {
            losses.Add(conversation.TopP, "Anthropic's models take none below 0.95 while they reason");
        }
        else
        {
            conversation.TopP.WriteTo(writer, "top_p"u8);
        }
    }

    private static void WriteStop(List<Json> stop, Utf8JsonWriter writer, Losses losses)
    {
        var isBegun = false;
        foreach (var text in stop)
        {
            if (text.Unescape().Span.Trim(" \t\r\n"u8).IsEmpty)
            {
                losses.Add(text, "Anthropic's dialect takes no text of blanks that ends an answer");
                continue;
            }

            if (!isBegun)
            {
                writer.WriteStartArray("stop_sequences"u8);
                isBegun = true;
            }

            text.WriteTo(writer);
        }

        if (isBegun)
        {
            writer.WriteEndArray();
        }
    }

    private static void WriteOutput(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        var format = conversation.Format;
        if (format.Form is OutputForm.Json)
        {
            throw new DialectFaultException("Anthropic's dialect has no 'json_object': ask for a schema with 'json_schema'.", format.Origin);
        }

        if (format.Form is OutputForm.Schema)
        {
            losses.Add(format.Description, NoSuchField);
            writer.WriteStartObject("output_config"u8);
            writer.WriteStartObject("format"u8);
            writer.WriteString("type"u8, "json_schema"u8);
            format.Schema.WriteTo(writer, "schema"u8);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
    }

    private static void WriteTools(Conversation conversation, Utf8JsonWriter writer)
    {
        if (conversation.Tools.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("tools"u8);
        foreach (var tool in conversation.Tools)
        {
            writer.WriteStartObject();
            tool.Name.WriteTo(writer, "name"u8);
            tool.Description.WriteTo(writer, "description"u8);
            tool.Schema.WriteTo(writer, "input_schema"u8);
            if (tool.Strict.IsTrue)
            {
                tool.Strict.WriteTo(writer, "strict"u8);
            }

            tool.CacheControl.WriteTo(writer, "cache_control"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        var choice = conversation.ToolChoice;
        if (choice.Use is ToolUse.NotSaid && conversation.ParallelTools is not false)
        {
            return;
        }

        writer.WriteStartObject("tool_choice"u8);
        writer.WriteString("type"u8, choice.Use switch { ToolUse.None => "none"u8, ToolUse.Any => "any"u8, ToolUse.One => "tool"u8, _ => "auto"u8 });
        choice.Name.WriteTo(writer, "name"u8);
        if (conversation.ParallelTools is false && choice.Use is not ToolUse.None)
        {
            writer.WriteBoolean("disable_parallel_tool_use"u8, true);
        }

        writer.WriteEndObject();
    }
}
