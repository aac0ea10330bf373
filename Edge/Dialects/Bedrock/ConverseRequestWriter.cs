using System.Text;
using System.Text.Json;
using Sluice.Edge.Dialects.Anthropic;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Bedrock;

/// <summary>Writes a request; the model and whether it is streamed stand in its path.</summary>
internal static class ConverseRequestWriter
{
    private const string Dialect = "Bedrock's dialect";
    private const string NoSuchField = "Bedrock's dialect has no such field";

    /// <summary>Writes it.</summary>
    public static void Write(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        Refuse(conversation);
        writer.WriteStartObject();
        WriteTurns(conversation, writer, losses);
        WriteConfig(conversation, writer, losses);
        WriteTools(conversation, writer, losses);
        WriteFormat(conversation.Format, writer);
        WriteOfModel(conversation, writer, losses);
        if (conversation.User.HasText)
        {
            losses.Add(conversation.User, $"{Dialect} has no name for who asks");
        }

        writer.WriteEndObject();
    }

    private static void Refuse(Conversation conversation)
    {
        if (!conversation.Answers.IsNothing)
        {
            throw new DialectFaultException($"{Dialect} gives one answer at a time.", conversation.Answers);
        }

        if (!conversation.LogProbabilities.IsNothing)
        {
            throw new DialectFaultException($"{Dialect} has no log probabilities.", conversation.LogProbabilities);
        }

        if (conversation.Format.Form is OutputForm.Json)
        {
            throw new DialectFaultException($"{Dialect} has no JSON without a schema: ask for one.", conversation.Format.Origin);
        }
    }

    private static void WriteTurns(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        var words = SaidTurns.SystemOf(conversation.Turns, Dialect, losses);
        if (words.Count > 0)
        {
            writer.WriteStartArray("system"u8);
            foreach (var text in words)
            {
                ConverseBlockWriter.Write(text, writer, losses);
            }

            writer.WriteEndArray();
        }

        writer.WriteStartArray("messages"u8);
        foreach (var (role, parts) in SaidTurns.Merged(conversation.Turns, Dialect, losses))
        {
            LoseUnsigned(parts, losses);
            if (parts.Count == 0)
            {
                continue;
            }

            writer.WriteStartObject();
            writer.WriteString("role"u8, role is Role.User ? "user"u8 : "assistant"u8);
            writer.WriteStartArray("content"u8);
            foreach (var part in parts.OrderBy(static p => p is ToolResultPart or ReasoningPart ? 0 : 1))
            {
                ConverseBlockWriter.Write(part, writer, losses);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void LoseUnsigned(List<ContentPart> parts, Losses losses) => parts.RemoveAll(part =>
    {
        var isUnsigned = part is ReasoningPart { Signature.HasText: false, Redacted.HasText: false };
        if (isUnsigned)
        {
            losses.Add(part.Origin, $"{Dialect} takes earlier reasoning only with its signature");
        }

        return isUnsigned;
    });

    private static void WriteConfig(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject("inferenceConfig"u8);
        if (conversation.MaxTokens is { } most)
        {
            writer.WriteNumber("maxTokens"u8, most);
        }

        if (conversation.Temperature.Value() is > 1)
        {
            losses.Add(conversation.Temperature, "lowered to 1, the most in Bedrock's dialect");
            writer.WriteNumber("temperature"u8, 1);
        }
        else
        {
            conversation.Temperature.WriteTo(writer, "temperature"u8);
        }

        conversation.TopP.WriteTo(writer, "topP"u8);
        JsonText.WriteTexts(writer, "stopSequences"u8, conversation.Stop);

        writer.WriteEndObject();
        losses.Add(conversation.Seed, NoSuchField);
        losses.Add(conversation.TopLogProbabilities, NoSuchField);
        losses.Add(conversation.FrequencyPenalty.Value() is null or 0.0 ? default : conversation.FrequencyPenalty, NoSuchField);
        losses.Add(conversation.PresencePenalty.Value() is null or 0.0 ? default : conversation.PresencePenalty, NoSuchField);
    }

    private static void WriteTools(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        if (conversation.Tools.Count == 0)
        {
            return;
        }

        if (conversation.ToolChoice.Use is ToolUse.None)
        {
            // Who called one before must name it again.
            var areNeeded = conversation.Turns.Exists(static t => t.Parts.Exists(static p => p is ToolCallPart or ToolResultPart));
            losses.Add("tool_choice", areNeeded ? $"{Dialect} cannot forbid tools that were called before" : $"{Dialect} cannot forbid tools, they are left out");
            if (!areNeeded)
            {
                return;
            }
        }

        writer.WriteStartObject("toolConfig"u8);
        writer.WriteStartArray("tools"u8);
        foreach (var tool in conversation.Tools)
        {
            writer.WriteStartObject();
            writer.WriteStartObject("toolSpec"u8);
            tool.Name.WriteTo(writer, "name"u8);
            (tool.Description.HasText ? tool.Description : default).WriteTo(writer, "description"u8);
            writer.WriteStartObject("inputSchema"u8);
            tool.Schema.WriteTo(writer, "json"u8);
            writer.WriteEndObject();
            (tool.Strict.IsTrue ? tool.Strict : default).WriteTo(writer, "strict"u8);
            writer.WriteEndObject();
            writer.WriteEndObject();
            ConverseBlockWriter.WriteCachePoint(tool.CacheControl, writer);
        }

        writer.WriteEndArray();
        WriteChoice(conversation.ToolChoice, writer);
        writer.WriteEndObject();
        if (conversation.ParallelTools is false)
        {
            losses.Add("parallel_tool_calls", $"{Dialect} cannot ask for one call at a time");
        }
    }

    private static void WriteChoice(ToolChoice choice, Utf8JsonWriter writer)
    {
        if (choice.Use is ToolUse.NotSaid or ToolUse.None)
        {
            return;
        }

        writer.WriteStartObject("toolChoice"u8);
        writer.WriteStartObject(choice.Use switch { ToolUse.Any => "any"u8, ToolUse.One => "tool"u8, _ => "auto"u8 });
        choice.Name.WriteTo(writer, "name"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteFormat(in OutputFormat format, Utf8JsonWriter writer)
    {
        if (format.Form is not OutputForm.Schema)
        {
            return;
        }

        writer.WriteStartObject("outputConfig"u8);
        writer.WriteStartObject("textFormat"u8);
        writer.WriteString("type"u8, "json_schema"u8);
        writer.WriteStartObject("structure"u8);
        writer.WriteStartObject("jsonSchema"u8);
        (format.Name.HasText ? format.Name : Json.OfPlain("answer"u8)).WriteTo(writer, "name"u8);
        writer.WriteString("schema"u8, format.Schema.Span);
        format.Description.WriteTo(writer, "description"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    // What each family of models has of its own stands apart, in its own words; only those of Anthropic's are known here.
    private static void WriteOfModel(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        var isAnthropic = Encoding.UTF8.GetString(conversation.Model.Span).Contains("anthropic", StringComparison.OrdinalIgnoreCase);
        if (!isAnthropic)
        {
            losses.Add(conversation.TopK, NoSuchField);
            losses.Add(conversation.Reasoning.Mode is ReasoningMode.Off || conversation.Reasoning.Effort.Is("none"u8) ? default : conversation.Reasoning.Origin, "how long this model reasons cannot be said");
            return;
        }

        var reasons = ReasoningWriter.Plan(conversation, losses);
        if (reasons == 0 && conversation.TopK.IsNothing)
        {
            return;
        }

        writer.WriteStartObject("additionalModelRequestFields"u8);
        ReasoningWriter.Write(reasons, writer);
        if (reasons == 0)
        {
            conversation.TopK.WriteTo(writer, "top_k"u8);
        }
        else
        {
            losses.Add(conversation.TopK, "Anthropic's models take it not while they reason");
        }

        writer.WriteEndObject();
    }
}
