using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Ollama;

/// <summary>Writes the messages of a request: text in one string, pictures beside it, results of tools as messages of their own.</summary>
internal static class OllamaMessageWriter
{
    private const string NoSuchField = "Ollama's dialect has no such field";

    /// <summary>Writes all.</summary>
    public static void Write(List<Turn> turns, Utf8JsonWriter writer, Losses losses)
    {
        var names = new Dictionary<string, Json>(StringComparer.Ordinal);
        writer.WriteStartArray("messages"u8);
        foreach (var turn in turns)
        {
            losses.Add(turn.Name, NoSuchField);
            var rest = new List<ContentPart>();
            foreach (var part in turn.Parts)
            {
                losses.Add(part.CacheControl, NoSuchField);
                if (part is ToolResultPart result)
                {
                    WriteResult(result, rest, names, writer, losses);
                }
                else
                {
                    rest.Add(part);
                }
            }

            if (rest.Count > 0)
            {
                WriteSaid(turn.Role, rest, names, writer, losses);
            }
        }

        writer.WriteEndArray();
    }

    private static void WriteResult(ToolResultPart result, List<ContentPart> rest, Dictionary<string, Json> names, Utf8JsonWriter writer, Losses losses)
    {
        losses.Add(result.IsError, "Ollama's dialect does not tell that a tool failed");
        foreach (var part in result.Parts.Where(static p => p is not TextPart))
        {
            losses.Add(part.Origin, "Ollama's dialect takes only text from tools, sent as the user's after it");
            rest.Add(part);
        }

        writer.WriteStartObject();
        writer.WriteString("role"u8, "tool"u8);
        JsonText.Join(result.Parts).WriteTo(writer, "content"u8);
        (names.TryGetValue(result.CallId.ForPerson(), out var name) ? name : default).WriteTo(writer, "tool_name"u8);
        writer.WriteEndObject();
    }

    private static void WriteSaid(Role role, List<ContentPart> parts, Dictionary<string, Json> names, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, role switch { Role.System => "system"u8, Role.User => "user"u8, _ => "assistant"u8 });
        JsonText.Join(parts.ConvertAll(TextOf)).WriteTo(writer, "content"u8);
        WriteImages(parts, writer, losses);
        WriteCalls(parts, names, writer);
        foreach (var part in parts)
        {
            if (part is ReasoningPart or ForeignPart)
            {
                losses.Add(part.Origin, part is ReasoningPart ? "earlier reasoning is not sent in Ollama's dialect" : "it has no counterpart in Ollama's dialect");
            }
        }

        writer.WriteEndObject();
    }

    private static ContentPart TextOf(ContentPart part) => part is MediaPart { Text.HasText: true } document ? new TextPart { Text = document.Text } : part is RefusalPart refusal ? new TextPart { Text = refusal.Text } : part;

    private static void WriteImages(List<ContentPart> parts, Utf8JsonWriter writer, Losses losses)
    {
        var isBegun = false;
        foreach (var part in parts)
        {
            if (part is not MediaPart media || !media.Text.IsNothing)
            {
                continue;
            }

            if (media.Medium is not Medium.Image || media.Data.IsEmpty)
            {
                throw new DialectFaultException("Ollama's dialect takes images by their data alone.", media.Origin);
            }

            losses.Add(media.Detail.Is("auto"u8) ? default : media.Detail, NoSuchField);
            if (!isBegun)
            {
                writer.WriteStartArray("images"u8);
                isBegun = true;
            }

            writer.WriteStringValue(media.Data.Span);
        }

        if (isBegun)
        {
            writer.WriteEndArray();
        }
    }

    private static void WriteCalls(List<ContentPart> parts, Dictionary<string, Json> names, Utf8JsonWriter writer)
    {
        if (!parts.Exists(static p => p is ToolCallPart))
        {
            return;
        }

        writer.WriteStartArray("tool_calls"u8);
        foreach (var part in parts)
        {
            if (part is ToolCallPart call)
            {
                var input = JsonText.InputObject(call.Input);
                names[call.Id.ForPerson()] = call.Name;
                writer.WriteStartObject();
                writer.WriteStartObject("function"u8);
                call.Name.WriteTo(writer, "name"u8);
                (input.IsNothing ? throw new DialectFaultException("The arguments of a tool's call must be a JSON object in Ollama's dialect.", call.Origin) : input).WriteTo(writer, "arguments"u8);
                writer.WriteEndObject();
                writer.WriteEndObject();
            }
        }

        writer.WriteEndArray();
    }
}
