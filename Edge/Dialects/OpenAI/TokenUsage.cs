using System.Text.Json;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Reads tokens as a provider told them. Beside OpenAI's names it knows those of the compatible providers: each counts under one of them.</summary>
internal static class TokenUsage
{
    // No count of tokens.
    private const long Beyond = 1_000_000_000_000;

    /// <summary>Reads a <c>usage</c> value; null where it tells no count. A zero that was told is not the same.</summary>
    public static TokenCounts? Read(ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value);
        try
        {
            return reader.Read() ? Read(ref reader) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads a <c>usage</c> value, at which the reader stands; null where it tells no count.</summary>
    public static TokenCounts? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        var told = default(Told);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            told.ReadField(ref reader);
        }

        return told.Judge();
    }

    /// <summary>The count at which the reader stands: a whole number below 10¹²; null: it is none.</summary>
    public static long? CountAt(in Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var whole) && whole is >= 0 and < Beyond ? whole : null;

    // Whole numbers below 10¹², also as 12.0 or 1.2e1: what is beyond is no count of tokens, and nothing is told.
    private static long? ReadCount(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
        {
            if (reader.TryGetInt64(out var whole))
            {
                return whole is >= 0 and < Beyond ? whole : null;
            }

            return reader.TryGetDecimal(out var number) && number is >= 0 and < Beyond && decimal.IsInteger(number) ? (long)number : null;
        }

        reader.Skip();
        return null;
    }

    // Providers that tell a part in two places may tell nothing in one of them.
    private static long? Greater(long? a, long? b) => a > b || b is null ? a : b;

    private struct Told
    {
        private long? _prompt;
        private long? _completion;
        private long? _input;
        private long? _output;
        private long? _total;
        private long? _cached;
        private long? _cacheWrite;
        private long? _image;
        private long? _audio;
        private long? _reasoning;
        private long? _spoken;

        // Anthropic's own names, beside input_tokens that leave both out.
        private long? _cacheRead;
        private long? _cacheCreation;

        public void ReadField(ref Utf8JsonReader reader)
        {
            if (reader.Is("prompt_tokens"u8))
            {
                _prompt = ReadCount(ref reader) ?? _prompt;
            }
            else if (reader.Is("completion_tokens"u8))
            {
                _completion = ReadCount(ref reader) ?? _completion;
            }
            else if (reader.Is("input_tokens"u8))
            {
                _input = ReadCount(ref reader) ?? _input;
            }
            else if (reader.Is("output_tokens"u8))
            {
                _output = ReadCount(ref reader) ?? _output;
            }
            else if (reader.Is("total_tokens"u8))
            {
                _total = ReadCount(ref reader) ?? _total;
            }
            else if (reader.Is("prompt_tokens_details"u8) || reader.Is("prompt_token_details"u8) || reader.Is("input_tokens_details"u8) || reader.Is("input_token_details"u8))
            {
                ReadDetails(ref reader, ofInput: true);
            }
            else if (reader.Is("completion_tokens_details"u8) || reader.Is("output_tokens_details"u8) || reader.Is("output_token_details"u8))
            {
                ReadDetails(ref reader, ofInput: false);
            }
            else if (reader.Is("prompt_cache_hit_tokens"u8) || reader.Is("num_cached_tokens"u8))
            {
                _cached = Greater(_cached, ReadCount(ref reader));
            }
            else if (reader.Is("cache_read_input_tokens"u8))
            {
                _cacheRead = ReadCount(ref reader) ?? _cacheRead;
            }
            else if (reader.Is("cache_creation_input_tokens"u8))
            {
                _cacheCreation = ReadCount(ref reader) ?? _cacheCreation;
            }
            else if (reader.Is("reasoning_tokens"u8))
            {
                _reasoning = Greater(_reasoning, ReadCount(ref reader));
            }
            else
            {
                ReadCacheField(ref reader);
            }
        }

        public readonly TokenCounts? Judge()
        {
            var told = _prompt ?? (_input + (_cacheRead ?? 0) + (_cacheCreation ?? 0));
            var written = _completion ?? _output;
            if (told is null && written is null && _total is null)
            {
                return null;
            }

            // Embeddings of some providers tell a total only: all of it was input.
            var input = told ?? Math.Max(0, (_total ?? 0) - (written ?? 0));

            // Some providers (xAI, Gemini) count reasoning in the total but not in the completion, and bill it.
            var output = Math.Max(written ?? 0, (_total ?? 0) - input);
            return new TokenCounts(
                input,
                Math.Min(Greater(_cached, _cacheRead) ?? 0, input),
                Math.Min(Greater(_cacheWrite, _cacheCreation) ?? 0, input),
                Math.Min(_image ?? 0, input),
                Math.Min(_audio ?? 0, input),
                output,
                Math.Min(_reasoning ?? 0, output),
                Math.Min(_spoken ?? 0, output));
        }

        private void ReadDetails(ref Utf8JsonReader reader, bool ofInput)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                return;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (ofInput && reader.Is("image_tokens"u8))
                {
                    _image = Greater(_image, ReadCount(ref reader));
                }
                else if (ofInput && reader.Is("audio_tokens"u8))
                {
                    _audio = Greater(_audio, ReadCount(ref reader));
                }
                else if (ofInput)
                {
                    ReadCacheField(ref reader);
                }
                else if (reader.Is("reasoning_tokens"u8) || reader.Is("thinking_tokens"u8))
                {
                    _reasoning = Greater(_reasoning, ReadCount(ref reader));
                }
                else if (reader.Is("audio_tokens"u8))
                {
                    _spoken = Greater(_spoken, ReadCount(ref reader));
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        private void ReadCacheField(ref Utf8JsonReader reader)
        {
            if (reader.Is("cached_tokens"u8) || reader.Is("cache_read_input_tokens"u8))
            {
                _cached = Greater(_cached, ReadCount(ref reader));
            }
            else if (reader.Is("cache_write_tokens"u8) || reader.Is("cache_creation_tokens"u8) || reader.Is("cache_creation_input_tokens"u8))
            {
                _cacheWrite = Greater(_cacheWrite, ReadCount(ref reader));
            }
            else
            {
                reader.Skip();
            }
        }
    }
}
