using System.Text.Json;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Tokens as a provider told them.</summary>
/// <param name="Output">What is billed as output: where a provider counts reasoning beside the completion, both.</param>
internal readonly record struct TokenUsage(long Input, long Cached, long Output, long Reasoning);

/// <summary>What the gateway reads from a whole answer or from one chunk of a stream. What cannot be read is passed on all the same, as nothing known.</summary>
internal ref struct AnswerFacts
{
    /// <summary>The usage that was told; null where the field is absent or null. A zero that was told is not the same.</summary>
    public TokenUsage? Usage;

    /// <summary>Whether <c>choices</c> is there and empty: a chunk that carries usage only.</summary>
    public bool NoChoices;

    /// <summary>Bytes of text that the answer gave: an upper bound of its tokens.</summary>
    public long TextBytes;

    /// <summary>Reads one JSON object.</summary>
    public static AnswerFacts Read(ReadOnlySpan<byte> json)
    {
        var facts = default(AnswerFacts);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        try
        {
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                facts.ReadFields(ref reader);
            }
        }
        catch (JsonException)
        {
            // Not our answer to judge: its bytes go to the client as they came.
        }

        return facts;
    }

    private void ReadFields(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                Usage = ReadUsage(ref reader) ?? Usage;
            }
            else if (reader.ValueTextEquals("choices"u8))
            {
                reader.Read();
                ReadChoices(ref reader);
            }
            else if (reader.ValueTextEquals("x_groq"u8))
            {
                reader.Read();
                ReadNested(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadNested(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            ReadFields(ref reader);
        }
    }

    private void ReadChoices(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        var depth = reader.CurrentDepth;
        NoChoices = true;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            NoChoices = false;
            if (reader.TokenType == JsonTokenType.String && reader.CurrentDepth > depth + 2)
            {
                TextBytes += reader.ValueSpan.Length;
            }
        }
    }

    private static TokenUsage? ReadUsage(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        long input = 0, output = 0, total = 0, cached = 0, reasoning = 0;
        var told = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("prompt_tokens"u8))
            {
                told |= ReadCount(ref reader, ref input);
            }
            else if (reader.ValueTextEquals("completion_tokens"u8))
            {
                told |= ReadCount(ref reader, ref output);
            }
            else if (reader.ValueTextEquals("total_tokens"u8))
            {
                told |= ReadCount(ref reader, ref total);
            }
            else if (reader.ValueTextEquals("prompt_cache_hit_tokens"u8))
            {
                ReadCount(ref reader, ref cached);
            }
            else if (reader.ValueTextEquals("prompt_tokens_details"u8))
            {
                ReadDetail(ref reader, "cached_tokens"u8, ref cached);
            }
            else if (reader.ValueTextEquals("completion_tokens_details"u8))
            {
                ReadDetail(ref reader, "reasoning_tokens"u8, ref reasoning);
            }
            else
            {
                reader.Skip();
            }
        }

        // Some providers (xAI) count reasoning in the total but not in the completion, and bill it.
        return told ? new TokenUsage(input, Math.Min(cached, input), Math.Max(output, total - input), reasoning) : null;
    }

    private static void ReadDetail(ref Utf8JsonReader reader, ReadOnlySpan<byte> field, ref long count)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(field))
            {
                ReadCount(ref reader, ref count);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static bool ReadCount(ref Utf8JsonReader reader, ref long count)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) && number is >= 0 and < 1_000_000_000_000)
        {
            count = number;
            return true;
        }

        reader.Skip();
        return false;
    }
}
