using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Writes a request for embeddings for a provider, by any of its ways.</summary>
internal static class EmbedProvider
{
    /// <summary>Writes it.</summary>
    /// <exception cref="DialectFaultException">It cannot be expressed.</exception>
    public static void Write(EmbeddingsRequest request, string model, string way, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        if (way is GeminiEmbeddings.Predict)
        {
            WriteInstances(request, writer);
        }
        else if (way is GeminiEmbeddings.Several)
        {
            WriteRequests(request, EmbedScan.NameOf(model), writer);
            if (request.Truncates.IsTrue)
            {
                losses.Add(request.Truncates, "Google's own API does as it does");
            }
        }
        else
        {
            WriteContent(request.Texts is [var text] ? text : throw new DialectFaultException($"The model '{model}' embeds one text at a time on Vertex.", request.Texts[1].Text), writer);
            WriteConfig(request, text, writer);
        }

        writer.WriteEndObject();
    }

    private static void WriteRequests(EmbeddingsRequest request, string name, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("requests"u8);
        foreach (var text in request.Texts)
        {
            writer.WriteStartObject();
            writer.WriteString("model"u8, name);
            WriteContent(text, writer);
            text.Task.WriteTo(writer, "taskType"u8);
            text.Title.WriteTo(writer, "title"u8);
            request.Dimensions.WriteTo(writer, "outputDimensionality"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteContent(EmbeddedText text, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("content"u8);
        writer.WriteStartArray("parts"u8);
        writer.WriteStartObject();
        text.Text.WriteTo(writer, "text"u8);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteConfig(EmbeddingsRequest request, EmbeddedText text, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("embedContentConfig"u8);
        text.Task.WriteTo(writer, "taskType"u8);
        text.Title.WriteTo(writer, "title"u8);
        request.Truncates.WriteTo(writer, "autoTruncate"u8);
        request.Dimensions.WriteTo(writer, "outputDimensionality"u8);
        writer.WriteEndObject();
    }

    private static void WriteInstances(EmbeddingsRequest request, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("instances"u8);
        foreach (var text in request.Texts)
        {
            writer.WriteStartObject();
            text.Text.WriteTo(writer, "content"u8);
            text.Task.WriteTo(writer, "task_type"u8);
            text.Title.WriteTo(writer, "title"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("parameters"u8);
        request.Truncates.WriteTo(writer, "autoTruncate"u8);
        request.Dimensions.WriteTo(writer, "outputDimensionality"u8);
        writer.WriteEndObject();
    }
}
