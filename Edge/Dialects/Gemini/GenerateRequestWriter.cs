using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Writes a request for content; the model and whether it is streamed stand in its path.</summary>
internal static class GenerateRequestWriter
{
    private const string Dialect = "Gemini's dialect";

    /// <summary>Writes it.</summary>
    public static void Write(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        WriteSystem(conversation, writer, losses);
        ContentWriter.Write(conversation, writer, losses);
        WriteTools(conversation, writer, losses);
        GenerateConfigWriter.Write(conversation, writer, losses);
        losses.Add(conversation.User, $"{Dialect} has no name for who asks");
        writer.WriteEndObject();
    }

    private static void WriteSystem(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        var words = SaidTurns.SystemOf(conversation.Turns, Dialect, losses);
        if (words.Count == 0)
        {
            return;
        }

        writer.WriteStartObject("systemInstruction"u8);
        writer.WriteStartArray("parts"u8);
        foreach (var text in words)
        {
            PartWriter.WriteText(text, writer, losses);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteTools(Conversation conversation, Utf8JsonWriter writer, Losses losses)
    {
        if (conversation.Tools.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("tools"u8);
        writer.WriteStartObject();
        writer.WriteStartArray("functionDeclarations"u8);
        foreach (var tool in conversation.Tools)
        {
            PartWriter.LoseCache(tool.CacheControl, losses);
            losses.Add(tool.Strict.IsTrue ? tool.Strict : default, $"{Dialect} does not promise that a function's input follows its schema");
            writer.WriteStartObject();
            tool.Name.WriteTo(writer, "name"u8);
            tool.Description.WriteTo(writer, "description"u8);
            tool.Parameters.WriteTo(writer, "parametersJsonSchema"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        WriteChoice(conversation.ToolChoice, writer);
        if (conversation.ParallelTools is false)
        {
            losses.Add("parallel_tool_calls", $"{Dialect} cannot ask for one call at a time");
        }
    }

    private static void WriteChoice(ToolChoice choice, Utf8JsonWriter writer)
    {
        if (choice.Use is ToolUse.NotSaid)
        {
            return;
        }

        writer.WriteStartObject("toolConfig"u8);
        writer.WriteStartObject("functionCallingConfig"u8);
        writer.WriteString("mode"u8, choice.Use switch { ToolUse.None => "NONE"u8, ToolUse.Any or ToolUse.One => "ANY"u8, _ => "AUTO"u8 });
        if (choice.Name.HasText)
        {
            writer.WriteStartArray("allowedFunctionNames"u8);
            choice.Name.WriteTo(writer);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
