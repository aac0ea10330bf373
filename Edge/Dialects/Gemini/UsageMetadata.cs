using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary><c>usageMetadata</c>: what a tool of the provider gave the model is input beside the prompt, and thoughts are output beside the candidates.</summary>
internal static class UsageMetadata
{
    /// <summary>Reads it; null where it tells no count.</summary>
    public static TokenCounts? Read(Json usage)
    {
        var reader = new Utf8JsonReader(usage.Span, Json.Options);
        return usage.IsObject && reader.Read() ? Read(ref reader) : null;
    }

    /// <summary>Reads it from where the reader stands; null where it tells no count.</summary>
    public static TokenCounts? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        long? prompt = null, ofTools = null, cached = null, said = null, thought = null;
        var (image, audio, spoken, other) = (0L, 0L, 0L, 0L);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("promptTokenCount"u8))
            {
                prompt = Count(ref reader);
            }
            else if (reader.Is("toolUsePromptTokenCount"u8))
            {
                ofTools = Count(ref reader);
            }
            else if (reader.Is("cachedContentTokenCount"u8))
            {
                cached = Count(ref reader);
            }
            else if (reader.Is("candidatesTokenCount"u8) || reader.Is("responseTokenCount"u8))
            {
                said = Count(ref reader);
            }
            else if (reader.Is("thoughtsTokenCount"u8))
            {
                thought = Count(ref reader);
            }
            else if (reader.Is("promptTokensDetails"u8) || reader.Is("toolUsePromptTokensDetails"u8))
            {
                AddKinds(ref reader, ref image, ref audio);
            }
            else if (reader.Is("candidatesTokensDetails"u8) || reader.Is("responseTokensDetails"u8))
            {
                AddKinds(ref reader, ref other, ref spoken);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (prompt is null && said is null && thought is null)
        {
            return null;
        }

        var (input, output) = ((prompt ?? 0) + (ofTools ?? 0), (said ?? 0) + (thought ?? 0));
        return new TokenCounts(input, Math.Min(cached ?? 0, input), 0, Math.Min(image, input), Math.Min(audio, input), output, thought ?? 0, Math.Min(spoken, output));
    }

    /// <summary>Writes it.</summary>
    public static void Write(in TokenCounts usage, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("promptTokenCount"u8, usage.Input);
        writer.WriteNumber("candidatesTokenCount"u8, usage.Output - usage.Reasoning);
        writer.WriteNumber("totalTokenCount"u8, usage.Input + usage.Output);
        if (usage.CachedRead > 0)
        {
            writer.WriteNumber("cachedContentTokenCount"u8, usage.CachedRead);
        }

        if (usage.Reasoning > 0)
        {
            writer.WriteNumber("thoughtsTokenCount"u8, usage.Reasoning);
        }

        writer.WriteEndObject();
    }

    private static long? Count(ref Utf8JsonReader reader)
    {
        reader.Read();
        var count = TokenUsage.CountAt(reader);
        reader.Skip();
        return count;
    }

    // [{"modality": "IMAGE", "tokenCount": 258}]
    private static void AddKinds(ref Utf8JsonReader reader, ref long images, ref long sounds)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        var (isImage, isSound, count) = (false, false, 0L);
        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                images += isImage ? count : 0;
                sounds += isSound ? count : 0;
                (isImage, isSound, count) = (false, false, 0);
            }
            else if (reader.TokenType == JsonTokenType.PropertyName && reader.Is("tokenCount"u8))
            {
                count = Count(ref reader) ?? 0;
            }
            else if (reader.TokenType == JsonTokenType.String)
            {
                isImage |= reader.Is("IMAGE"u8);
                isSound |= reader.Is("AUDIO"u8);
            }
        }
    }
}
