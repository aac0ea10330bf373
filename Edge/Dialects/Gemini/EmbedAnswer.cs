using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Answers with embeddings: <c>embedding</c> of one, <c>embeddings</c> of several, <c>predictions</c> of Vertex.</summary>
internal static class EmbedAnswer
{
    /// <summary>Reads an answer of any form: a list of numbers for each text.</summary>
    /// <exception cref="DialectFaultException">It is no such answer.</exception>
    public static List<Json> Read(Json body)
    {
        var found = new List<Json>();
        if (body.Find("embedding"u8) is { IsObject: true } one)
        {
            found.Add(NumbersOf(one));
            return found;
        }

        var items = (body.Find("embeddings"u8) is { IsNothing: false } embeddings ? embeddings : body.Find("predictions"u8)).Items();
        while (items.Next())
        {
            found.Add(NumbersOf(items.Value.Find("embeddings"u8) is { IsObject: true } inner ? inner : items.Value));
        }

        return found.Count > 0 ? found : throw new DialectFaultException("'embeddings' is missing.", "embeddings");
    }

    /// <summary>Writes an answer in the form that was asked for.</summary>
    /// <param name="embeddings">Each a list of numbers, in the order of the texts.</param>
    /// <param name="way">By which the client asked.</param>
    /// <param name="tokens">What is charged.</param>
    /// <param name="writer">Takes the body.</param>
    public static void Write(IReadOnlyList<Json> embeddings, string way, long tokens, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (way is GeminiEmbeddings.One)
        {
            writer.WritePropertyName("embedding"u8);
            WriteOne(embeddings[0], writer);
        }
        else
        {
            var isPredict = way is GeminiEmbeddings.Predict;
            writer.WriteStartArray(isPredict ? "predictions"u8 : "embeddings"u8);
            foreach (var embedding in embeddings)
            {
                if (isPredict)
                {
                    writer.WriteStartObject();
                    writer.WritePropertyName("embeddings"u8);
                }

                WriteOne(embedding, writer);
                if (isPredict)
                {
                    writer.WriteEndObject();
                }
            }

            writer.WriteEndArray();
        }

        // Of Vertex's form too: what each text had is not known.
        writer.WriteStartObject("usageMetadata"u8);
        writer.WriteNumber("promptTokenCount"u8, tokens);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>What an answer of any form tells of its usage. Throws nothing.</summary>
    public static AnswerFacts ReadFacts(ReadOnlySpan<byte> json) => FieldFacts.Read(json, ReadField);

    private static Json NumbersOf(Json embedding) => embedding.Find("values"u8) is { IsList: true } values ? values : throw new DialectFaultException("'values' is missing.", embedding);

    private static void WriteOne(Json numbers, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        numbers.WriteTo(writer, "values"u8);
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
