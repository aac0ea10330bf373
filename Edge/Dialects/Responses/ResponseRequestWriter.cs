using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Responses;

/// <summary>Writes a request for a response, which its provider is not to keep.</summary>
internal static class ResponseRequestWriter
{
    private const string NoField = "the responses dialect has no such field";

    /// <summary>Writes it.</summary>
    public static void Write(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        if (conversation.Stop.Count > 0)
        {
            throw new DialectFaultException("The responses dialect takes no texts that end an answer.", conversation.Stop[0]);
        }

        if (!conversation.Answers.IsNothing)
        {
            throw new DialectFaultException("The responses dialect gives one answer at a time.", conversation.Answers);
        }

        writer.WriteStartObject();
        conversation.Model.WriteTo(writer, "model"u8);
        ResponseItemWriter.Write(conversation.Turns, writer, losses);
        WriteTools(conversation, writer, losses);
        WriteFormat(conversation.Format, writer);
        WriteSampling(conversation, writer, losses);
        conversation.User.WriteTo(writer, "user"u8);
        writer.WriteBoolean("store"u8, false);
        if (conversation.Stream)
        {
            writer.WriteBoolean("stream"u8, true);
        }

        writer.WriteEndObject();
    }

    private static void WriteSampling(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        if (conversation.MaxTokens is { } most)
        {
            writer.WriteNumber("max_output_tokens"u8, most);
        }

        conversation.Temperature.WriteTo(writer, "temperature"u8);
        conversation.TopP.WriteTo(writer, "top_p"u8);
        losses.Add(conversation.TopK, NoField);
        losses.Add(conversation.FrequencyPenalty, NoField);
        losses.Add(conversation.PresencePenalty, NoField);
        losses.Add(conversation.Seed, NoField);
        if (!conversation.LogProbabilities.IsNothing)
        {
            throw new DialectFaultException("Log probabilities cannot be told from a provider of the responses dialect to a client of another.", conversation.LogProbabilities);
        }

        if (ReasoningEffort.Of(conversation.Reasoning, losses) is { IsNothing: false } effort)
        {
            writer.WriteStartObject("reasoning"u8);
            effort.WriteTo(writer, "effort"u8);
            writer.WriteEndObject();
        }
    }

    private static void WriteFormat(in OutputFormat format, Utf8JsonWriter writer)
    {
        if (format.Form is OutputForm.Text)
        {
            return;
        }

        writer.WriteStartObject("text"u8);
        writer.WriteStartObject("format"u8);
        writer.WriteString("type"u8, format.Form is OutputForm.Json ? "json_object"u8 : "json_schema"u8);
        if (format.Form is OutputForm.Schema)
        {
            (format.Name.HasText ? format.Name : Json.OfPlain("answer"u8)).WriteTo(writer, "name"u8);
            format.Description.WriteTo(writer, "description"u8);
            format.Schema.WriteTo(writer, "schema"u8);
            WriteStrict(format.Strict, unsaid: true, writer);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteTools(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        if (conversation.Tools.Count > 0)
        {
            writer.WriteStartArray("tools"u8);
            foreach (var tool in conversation.Tools)
            {
                ChatMessageWriter.LoseCache(tool.CacheControl, losses);
                writer.WriteStartObject();
                writer.WriteString("type"u8, "function"u8);
                tool.Name.WriteTo(writer, "name"u8);
                tool.Description.WriteTo(writer, "description"u8);
                tool.Schema.WriteTo(writer, "parameters"u8);

                // What is not said is true in this dialect, and false in the others.
                WriteStrict(tool.Strict, unsaid: false, writer);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        WriteChoice(conversation.ToolChoice, writer);
        if (conversation.ParallelTools is { } parallel && conversation.Tools.Count > 0)
        {
            writer.WriteBoolean("parallel_tool_calls"u8, parallel);
        }
    }

    private static void WriteStrict(Json strict, bool unsaid, Utf8JsonWriter writer) => writer.WriteBoolean("strict"u8, strict.IsNothing ? unsaid : strict.IsTrue);

    private static void WriteChoice(ToolChoice choice, Utf8JsonWriter writer)
    {
        if (choice.Use is ToolUse.One)
        {
            writer.WriteStartObject("tool_choice"u8);
            writer.WriteString("type"u8, "function"u8);
            choice.Name.WriteTo(writer, "name"u8);
            writer.WriteEndObject();
        }
        else if (choice.Use is not ToolUse.NotSaid)
        {
            writer.WriteString("tool_choice"u8, choice.Use is ToolUse.Auto ? "auto"u8 : choice.Use is ToolUse.None ? "none"u8 : "required"u8);
        }
    }
}
