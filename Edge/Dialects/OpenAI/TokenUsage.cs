using System.Text.Json;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Tokens as a provider told them.</summary>
/// <param name="Input">All of the input, cached or not.</param>
/// <param name="Cached">The part of the input that was read from a cache.</param>
/// <param name="Output">What is billed as output: where a provider counts reasoning beside the completion, both.</param>
/// <param name="Reasoning">The part of the output that was reasoning.</param>
internal readonly record struct TokenUsage(long Input, long Cached, long Output, long Reasoning)
{
    /// <summary>Reads a <c>usage</c> value, at which the reader stands; null where it tells no count.</summary>
    /// <remarks>Beside OpenAI's names it knows those of the compatible providers: each counts under one of them.</remarks>
    public static TokenUsage? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        long? input = null, output = null, total = null, cached = null, reasoning = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("prompt_tokens"u8))
            {
                input = ReadCount(ref reader) ?? input;
            }
            else if (reader.Is("completion_tokens"u8))
            {
                output = ReadCount(ref reader) ?? output;
            }
            else if (reader.Is("total_tokens"u8))
            {
                total = ReadCount(ref reader) ?? total;
            }
            else if (reader.Is("prompt_cache_hit_tokens"u8) || reader.Is("num_cached_tokens"u8) || reader.Is("cached_tokens"u8))
            {
                cached = Greater(cached, ReadCount(ref reader));
            }
            else if (reader.Is("reasoning_tokens"u8))
            {
                reasoning = Greater(reasoning, ReadCount(ref reader));
            }
            else if (reader.Is("prompt_tokens_details"u8) || reader.Is("prompt_token_details"u8))
            {
                cached = Greater(cached, ReadDetail(ref reader, "cached_tokens"u8));
            }
            else if (reader.Is("completion_tokens_details"u8))
            {
                reasoning = Greater(reasoning, ReadDetail(ref reader, "reasoning_tokens"u8));
            }
            else
            {
                reader.Skip();
            }
        }

        return Judge(input, output, total, cached ?? 0, reasoning ?? 0);
    }

    private static TokenUsage? Judge(long? input, long? output, long? total, long cached, long reasoning)
    {
        if (input is null && output is null && total is null)
        {
            return null;
        }

        // Embeddings of some providers tell a total only: all of it was input.
        var read = input ?? Math.Max(0, (total ?? 0) - (output ?? 0));

        // Some providers (xAI, Gemini) count reasoning in the total but not in the completion, and bill it.
        return new TokenUsage(read, Math.Min(cached, read), Math.Max(output ?? 0, (total ?? 0) - read), reasoning);
    }

    private static long? Greater(long? a, long? b) => a > b || b is null ? a : b;

    private static long? ReadDetail(ref Utf8JsonReader reader, ReadOnlySpan<byte> field)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        long? count = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is(field))
            {
                count = ReadCount(ref reader) ?? count;
            }
            else
            {
                reader.Skip();
            }
        }

        return count;
    }

    // Whole numbers below 10¹², also as 12.0 or 1.2e1: what is beyond is no count of tokens, and nothing is told.
    private static long? ReadCount(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetDecimal(out var number) && number is >= 0 and < 1_000_000_000_000 && decimal.IsInteger(number) ? (long)number : null;
        }

        reader.Skip();
        return null;
    }
}
