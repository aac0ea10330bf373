using System.Buffers.Binary;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Writes embeddings for a caller. Fields: https://platform.openai.com/docs/api-reference/embeddings/object.</summary>
internal static class EmbeddingsWriter
{
    /// <summary>Writes the answer.</summary>
    /// <param name="embeddings">Each a list of numbers, in the order of the texts.</param>
    /// <param name="model">The name that the provider reads.</param>
    /// <param name="tokens">What is charged.</param>
    /// <param name="isBase64">Whether the caller reads them as base64.</param>
    /// <param name="writer">Takes the body.</param>
    /// <exception cref="DialectFaultException">One is no list of numbers.</exception>
    public static void Write(IReadOnlyList<Json> embeddings, string model, long tokens, bool isBase64, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("object"u8, "list"u8);
        writer.WriteStartArray("data"u8);
        for (var i = 0; i < embeddings.Count; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("object"u8, "embedding"u8);
            writer.WriteNumber("index"u8, i);
            if (isBase64)
            {
                writer.WriteBase64String("embedding"u8, Bytes(embeddings[i]));
            }
            else
            {
                embeddings[i].WriteTo(writer, "embedding"u8);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("model"u8, model);
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("prompt_tokens"u8, tokens);
        writer.WriteNumber("total_tokens"u8, tokens);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static byte[] Bytes(Json numbers)
    {
        var floats = new List<float>(1024);
        var items = numbers.Items();
        while (items.Next())
        {
            floats.Add((float)(items.Value.Value() ?? throw items.Value.Wrong("a number")));
        }

        var bytes = new byte[floats.Count * sizeof(float)];
        for (var i = 0; i < floats.Count; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), floats[i]);
        }

        return bytes;
    }
}
