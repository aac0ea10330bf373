using System.Buffers;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary><c>logprobsResult</c>, and OpenAI's <c>logprobs</c>, in which the neutral form has them.</summary>
internal static class LogProbabilities
{
    /// <summary>Reads them; nothing where there are none.</summary>
    public static Json Read(Json result)
    {
        if (!result.IsObject)
        {
            return default;
        }

        var (chosen, top) = (default(Json), default(Json));
        var fields = result.Fields();
        while (fields.Next())
        {
            chosen = fields.Is("chosenCandidates"u8) && fields.Value.IsList ? fields.Value : chosen;
            top = fields.Is("topCandidates"u8) && fields.Value.IsList ? fields.Value : top;
        }

        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, JsonText.Options))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("content"u8);
            var (tokens, others) = (chosen.Items(), top.Items());
            while (tokens.Next())
            {
                writer.WriteStartObject();
                WriteToken(tokens.Value, writer);
                writer.WriteStartArray("top_logprobs"u8);
                if (others.Next())
                {
                    WriteOthers(others.Value, writer);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return new Json(buffer.WrittenMemory, -1);
    }

    /// <summary>Writes them as a field, where there are any.</summary>
    public static void Write(Json probabilities, Utf8JsonWriter writer)
    {
        var content = default(Json);
        var fields = probabilities.IsObject ? probabilities.Fields() : default;
        while (fields.Next())
        {
            content = fields.Is("content"u8) && fields.Value.IsList ? fields.Value : content;
        }

        if (content.IsNothing)
        {
            return;
        }

        writer.WriteStartObject("logprobsResult"u8);
        writer.WriteStartArray("chosenCandidates"u8);
        var items = content.Items();
        while (items.Next())
        {
            WriteChosen(items.Value, writer);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("topCandidates"u8);
        items = content.Items();
        while (items.Next())
        {
            writer.WriteStartObject();
            writer.WriteStartArray("candidates"u8);
            var of = items.Value.IsObject ? items.Value.Fields() : default;
            while (of.Next())
            {
                var others = of.Is("top_logprobs"u8) && of.Value.IsList ? of.Value.Items() : default;
                while (others.Next())
                {
                    WriteChosen(others.Value, writer);
                }
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteOthers(Json top, Utf8JsonWriter writer)
    {
        var fields = top.IsObject ? top.Fields() : default;
        while (fields.Next())
        {
            var items = fields.Is("candidates"u8) && fields.Value.IsList ? fields.Value.Items() : default;
            while (items.Next())
            {
                writer.WriteStartObject();
                WriteToken(items.Value, writer);
                writer.WriteEndObject();
            }
        }
    }

    private static void WriteToken(Json candidate, Utf8JsonWriter writer)
    {
        var (token, probability) = TokenOf(candidate, "token"u8, "logProbability"u8);
        token.WriteTo(writer, "token"u8);
        probability.WriteTo(writer, "logprob"u8);
        writer.WriteNull("bytes"u8);
    }

    private static void WriteChosen(Json item, Utf8JsonWriter writer)
    {
        var (token, probability) = TokenOf(item, "token"u8, "logprob"u8);
        writer.WriteStartObject();
        token.WriteTo(writer, "token"u8);
        probability.WriteTo(writer, "logProbability"u8);
        writer.WriteEndObject();
    }

    private static (Json Token, Json Probability) TokenOf(Json item, ReadOnlySpan<byte> tokenName, ReadOnlySpan<byte> probabilityName)
    {
        var (token, probability) = (JsonText.Empty, Json.Of(0));
        var fields = item.IsObject ? item.Fields() : default;
        while (fields.Next())
        {
            token = fields.Is(tokenName) && fields.Value.IsString ? fields.Value : token;
            probability = fields.Is(probabilityName) && fields.Value.IsNumber ? fields.Value : probability;
        }

        return (token, probability);
    }
}
