using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>What is to be known of an answer whose fields are looked for by name, however deep they stand.</summary>
internal static class FieldFacts
{
    /// <summary>Reads one JSON value; throws nothing.</summary>
    /// <param name="json">The value.</param>
    /// <param name="read">Reads the field whose name the reader stands at, to the end of its value or not at all.</param>
    public static AnswerFacts Read(ReadOnlySpan<byte> json, ReadFacts read)
    {
        var facts = default(AnswerFacts);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = AnswerFacts.Deepest });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    read(ref reader, ref facts);
                }
            }
        }
        catch (JsonException)
        {
            // Not our answer to judge: its bytes go to the client as they came.
        }

        return facts;
    }

    /// <summary>Counts the strings of the value that the reader stands at, and goes to its end.</summary>
    public static void Count(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        var depth = reader.CurrentDepth;
        do
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                facts.TextBytes += reader.ValueSpan.Length;
                facts.WordBytes += reader.ValueSpan.Length;
            }
        }
        while ((reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject || reader.CurrentDepth > depth) && reader.Read());
    }
}
