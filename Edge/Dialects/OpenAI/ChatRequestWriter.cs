using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Writes a request for chat completions, as OpenAI and the compatible providers take it.</summary>
internal static class ChatRequestWriter
{
    private const int MostStops = 4;

    /// <summary>Writes it.</summary>
    public static void Write(Conversation conversation, Uri? address, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        conversation.Model.WriteTo(writer, "model"u8);
        ChatMessageWriter.Write(conversation.Turns, writer, losses);
        WriteTools(conversation, writer, losses);
        WriteFormat(conversation.Format, writer);
        WriteSampling(conversation, address, writer, losses);
        conversation.User.WriteTo(writer, "user"u8);
        if (conversation.Stream)
        {
            writer.WriteBoolean("stream"u8, true);
            writer.WriteStartObject("stream_options"u8);
            writer.WriteBoolean("include_usage"u8, true);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes a tool as all do who took this form over.</summary>
    /// <param name="tool">Its name, and what it is for.</param>
    /// <param name="parameters">A schema; nothing: none is written.</param>
    /// <param name="strict">Whether the schema is kept to; nothing: it is not said.</param>
    /// <param name="writer">Takes it.</param>
    public static void WriteFunction(Tool tool, Json parameters, Json strict, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "function"u8);
        writer.WriteStartObject("function"u8);
        tool.Name.WriteTo(writer, "name"u8);
        tool.Description.WriteTo(writer, "description"u8);
        parameters.WriteTo(writer, "parameters"u8);
        strict.WriteTo(writer, "strict"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteSampling(Conversation conversation, Uri? address, Utf8JsonWriter writer, Losses losses)
    {
        if (conversation.MaxTokens is { } most)
        {
            writer.WriteNumber(TakesOnlyNewName(address) ? "max_completion_tokens"u8 : "max_tokens"u8, most);
        }

        conversation.Temperature.WriteTo(writer, "temperature"u8);
        conversation.TopP.WriteTo(writer, "top_p"u8);
        conversation.FrequencyPenalty.WriteTo(writer, "frequency_penalty"u8);
        conversation.PresencePenalty.WriteTo(writer, "presence_penalty"u8);
        conversation.Seed.WriteTo(writer, "seed"u8);
        losses.Add(conversation.TopK, "OpenAI's dialect has no such field");
        WriteStop(conversation.Stop, writer);
        conversation.Answers.WriteTo(writer, "n"u8);
        conversation.LogProbabilities.WriteTo(writer, "logprobs"u8);
        conversation.TopLogProbabilities.WriteTo(writer, "top_logprobs"u8);
        WriteReasoning(conversation.Reasoning, writer, losses);
    }

    // OpenAI's newer models refuse the old name, many compatible providers know no other.
    private static bool TakesOnlyNewName(Uri? address) => address?.Host is { } host
        && (host.EndsWith("openai.com", StringComparison.OrdinalIgnoreCase) || host.EndsWith("openai.azure.com", StringComparison.OrdinalIgnoreCase));

    private static void WriteStop(List<Json> stop, Utf8JsonWriter writer)
    {
        if (stop.Count > MostStops)
        {
            throw new DialectFaultException($"OpenAI's dialect takes at most {MostStops} texts that end an answer.", stop[MostStops]);
        }

        if (stop.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("stop"u8);
        foreach (var text in stop)
        {
            text.WriteTo(writer);
        }

        writer.WriteEndArray();
    }

    private static void WriteReasoning(in ReasoningWish wish, Utf8JsonWriter writer, Losses losses) => ReasoningEffort.Of(wish, losses).WriteTo(writer, "reasoning_effort"u8);

    private static void WriteFormat(in OutputFormat format, Utf8JsonWriter writer)
    {
        if (format.Form is OutputForm.Text)
        {
            return;
        }

        writer.WriteStartObject("response_format"u8);
        writer.WriteString("type"u8, format.Form is OutputForm.Json ? "json_object"u8 : "json_schema"u8);
        if (format.Form is OutputForm.Schema)
        {
            writer.WriteStartObject("json_schema"u8);
            (format.Name.HasText ? format.Name : Json.OfPlain("answer"u8)).WriteTo(writer, "name"u8);
            format.Description.WriteTo(writer, "description"u8);
            format.Schema.WriteTo(writer, "schema"u8);
            if (format.Strict.IsNothing)
            {
                writer.WriteBoolean("strict"u8, true);
            }
            else
            {
                format.Strict.WriteTo(writer, "strict"u8);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteTools(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        if (conversation.Tools.Count > 0)
        {
            writer.WriteStartArray("tools"u8);
            foreach (var tool in conversation.Tools)
            {
                WriteTool(tool, writer, losses);
            }

            writer.WriteEndArray();
        }

        WriteChoice(conversation.ToolChoice, writer);
        if (conversation.ParallelTools is { } parallel && conversation.Tools.Count > 0)
        {
            writer.WriteBoolean("parallel_tool_calls"u8, parallel);
        }
    }

    private static void WriteTool(Tool tool, Utf8JsonWriter writer, Losses losses)
    {
        ChatMessageWriter.LoseCache(tool.CacheControl, losses);
        WriteFunction(tool, tool.Parameters, tool.Strict, writer);
    }

    private static void WriteChoice(ToolChoice choice, Utf8JsonWriter writer)
    {
        if (choice.Use is ToolUse.One)
        {
            writer.WriteStartObject("tool_choice"u8);
            writer.WriteString("type"u8, "function"u8);
            writer.WriteStartObject("function"u8);
            choice.Name.WriteTo(writer, "name"u8);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        else if (choice.Use is not ToolUse.NotSaid)
        {
            writer.WriteString("tool_choice"u8, choice.Use is ToolUse.Auto ? "auto"u8 : choice.Use is ToolUse.None ? "none"u8 : "required"u8);
        }
    }
}
