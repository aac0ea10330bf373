using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>
/// Embeddings of Google's own API (<c>:batchEmbedContents</c>, https://ai.google.dev/api/embeddings) and of Vertex, which has another form for them (<c>:predict</c>,
/// https://docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api).
/// </summary>
internal static class Embeddings
{
    /// <summary>Whether an address is one of Vertex.</summary>
    public static bool IsVertex(Uri? address) => address?.AbsolutePath.Contains("/publishers/", StringComparison.Ordinal) is true;

    /// <summary>Writes what a provider is sent.</summary>
    public static void Write(EmbeddingsRequest request, string model, Uri? address, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (IsVertex(address))
        {
            WriteInstances(request, writer);
        }
        else
        {
            WriteRequests(request, model.Contains('/', StringComparison.Ordinal) ? model : $"models/{model}", writer);
        }

        writer.WriteEndObject();
    }

    /// <summary>Reads an answer of either form: a list of numbers for each text.</summary>
    /// <exception cref="DialectFaultException">It is no such answer.</exception>
    public static List<Json> Read(Json body)
    {
        var found = new List<Json>();
        var items = (body.Find("embeddings"u8) is { IsNothing: false } embeddings ? embeddings : body.Find("predictions"u8)).Items();
        while (items.Next())
        {
            var embedding = items.Value.Find("embeddings"u8) is { IsObject: true } inner ? inner : items.Value;
            found.Add(embedding.Find("values"u8) is { IsList: true } values ? values : throw new DialectFaultException("'values' is missing.", items.Value));
        }

        return found.Count > 0 ? found : throw new DialectFaultException("'embeddings' is missing.", "embeddings");
    }

    /// <summary>What an answer of either form tells of its usage. Throws nothing.</summary>
    public static AnswerFacts ReadFacts(ReadOnlySpan<byte> json) => FieldFacts.Read(json, ReadField);

    private static void WriteRequests(EmbeddingsRequest request, string model, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("requests"u8);
        foreach (var text in request.Texts)
        {
            writer.WriteStartObject();
            writer.WriteString("model"u8, model);
            writer.WriteStartObject("content"u8);
            writer.WriteStartArray("parts"u8);
            writer.WriteStartObject();
            text.WriteTo(writer, "text"u8);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
            if (request.Dimensions is { } dimensions)
            {
                writer.WriteNumber("outputDimensionality"u8, dimensions);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    // A text that is too long is an error to OpenAI's callers: Vertex would cut it in silence.
    private static void WriteInstances(EmbeddingsRequest request, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("instances"u8);
        foreach (var text in request.Texts)
        {
            writer.WriteStartObject();
            text.WriteTo(writer, "content"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("parameters"u8);
        writer.WriteBoolean("autoTruncate"u8, false);
        if (request.Dimensions is { } dimensions)
        {
            writer.WriteNumber("outputDimensionality"u8, dimensions);
        }

        writer.WriteEndObject();
    }

    // Vertex tells the tokens of each text, and as a number with a fraction.
    private static void ReadField(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        if (reader.Is("usageMetadata"u8))
        {
            reader.Read();
            facts.Usage = UsageMetadata.Read(ref reader) ?? facts.Usage;
        }
        else if (reader.Is("token_count"u8))
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var tokens) && tokens is >= 0 and <= 1e12)
            {
                facts.Usage = new TokenCounts { Input = (facts.Usage?.Input ?? 0) + (long)Math.Ceiling(tokens) };
            }
        }
        else if (reader.Is("values"u8))
        {
            // Where no usage is told, that there was an answer is known by this.
            facts.TextBytes++;
            reader.Read();
            reader.Skip();
        }
    }
}
