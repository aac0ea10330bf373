using System.Text.Json;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>What the gateway reads from a whole answer or from one chunk of a stream. What cannot be read is passed on all the same, as nothing known.</summary>
internal ref struct AnswerFacts
{
    // The reader keeps a bit a level: depth costs nothing.
    private const int Deepest = 1000;

    /// <summary>The usage that was told; null where the field is absent or null. A zero that was told is not the same.</summary>
    public TokenUsage? Usage;

    /// <summary>Whether the chunk has an empty <c>choices</c>, and no other list with anything in it (as citations are): nothing but usage, if that.</summary>
    public readonly bool IsUsageOnly => _hasNoChoices && !_hasMore && Usage is not null;

    /// <summary>Bytes of text that the answer gave: an upper bound of its tokens.</summary>
    public long TextBytes;

    private bool _hasNoChoices;
    private bool _hasMore;

    /// <summary>Reads one JSON object; throws nothing.</summary>
    public static AnswerFacts Read(ReadOnlySpan<byte> json)
    {
        var facts = default(AnswerFacts);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Deepest });
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
            if (reader.Is("usage"u8))
            {
                reader.Read();
                Usage = TokenUsage.Read(ref reader) ?? Usage;
            }
            else if (reader.Is("choices"u8))
            {
                reader.Read();
                ReadChoices(ref reader);
            }
            else if (reader.Is("x_groq"u8))
            {
                reader.Read();
                ReadGroq(ref reader);
            }
            else
            {
                reader.Read();
                SkipOther(ref reader);
            }
        }
    }

    private void SkipOther(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        var depth = reader.CurrentDepth;
        reader.Read();
        _hasMore |= reader.TokenType != JsonTokenType.EndArray;
        while (reader.TokenType != JsonTokenType.EndArray || reader.CurrentDepth > depth)
        {
            reader.Read();
        }
    }

    // Groq tells the usage of a stream here, also to who did not ask for it.
    private void ReadGroq(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isUsage = reader.Is("usage"u8);
            reader.Read();
            if (isUsage)
            {
                Usage = TokenUsage.Read(ref reader) ?? Usage;
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadChoices(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            _hasNoChoices = reader.TokenType == JsonTokenType.Null;
            reader.Skip();
            return;
        }

        var depth = reader.CurrentDepth;
        _hasNoChoices = true;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            _hasNoChoices = false;
            if (reader.TokenType == JsonTokenType.String && reader.CurrentDepth > depth + 2)
            {
                TextBytes += reader.ValueSpan.Length;
            }
            else if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == depth + 2)
            {
                ReadChoiceField(ref reader);
            }
        }
    }

    private void ReadChoiceField(ref Utf8JsonReader reader)
    {
        if (reader.Is("usage"u8))
        {
            // Moonshot tells the usage of a stream in its last choice.
            reader.Read();
            Usage = TokenUsage.Read(ref reader) ?? Usage;
        }
        else if (reader.Is("logprobs"u8))
        {
            // The same text once more.
            reader.Read();
            reader.Skip();
        }
    }
}
