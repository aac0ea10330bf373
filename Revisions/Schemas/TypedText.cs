using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Revisions.Schemas;

/// <summary>Reads texts of paths, queries and headers as the values that a schema asks for. What cannot be read so stays a text, of which the schema then says what it should be.</summary>
public static class TypedText
{
    /// <summary>The value of texts: a list where the schema asks for one, else the only text.</summary>
    public static JsonNode? Read(RequestSchema schema, IEnumerable<string> texts)
    {
        if (!schema.IsList)
        {
            return Read(texts.First(), schema.Types);
        }

        var list = new JsonArray();
        foreach (var text in texts)
        {
            list.Add(Read(text, schema.ItemTypes));
        }

        return list;
    }

    private static JsonNode? Read(string text, ImmutableArray<string> types)
    {
        if ((types.Contains("integer", StringComparer.Ordinal) || types.Contains("number", StringComparer.Ordinal)) && ReadNumber(text) is { } number)
        {
            return number;
        }

        return types.Contains("boolean", StringComparer.Ordinal) && text is "true" or "false" ? JsonValue.Create(text is "true") : JsonValue.Create(text);
    }

    private static JsonNode? ReadNumber(string text)
    {
        if (text.Length is 0 or > 64 || !(char.IsAsciiDigit(text[0]) || text[0] == '-'))
        {
            return null;
        }

        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        try
        {
            return reader.Read() && reader.TokenType is JsonTokenType.Number && reader.BytesConsumed == text.Length ? JsonNode.Parse(text) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
