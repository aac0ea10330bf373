using System.Text.Json;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Reads what stands where the reader does, to its end or as far as it is known.</summary>
internal delegate void ReadFacts(ref Utf8JsonReader reader, ref AnswerFacts facts);

/// <summary>What the gateway reads from a whole answer or from one chunk of a stream. What cannot be read is passed on all the same, as nothing known.</summary>
internal ref struct AnswerFacts
{
    /// <summary>How deep an answer may be nested. The reader keeps a bit a level: depth costs nothing.</summary>
    public const int Deepest = 1000;

    /// <summary>The usage that was told; null where the field is absent or null. A zero that was told is not the same.</summary>
    public TokenCounts? Usage;

    /// <summary>Whether the chunk has an empty <c>choices</c>, and no other list with anything in it (as citations are): nothing but usage, if that.</summary>
    public readonly bool IsUsageOnly => _hasNoChoices && !_hasMore && Usage is not null;

    /// <summary>Whether it says that it was served at the provider's batch rate.</summary>
    public bool IsBatch;

    /// <summary>Bytes of text that the answer gave: an upper bound of its tokens.</summary>
    public long TextBytes;

    /// <summary>Bytes of the words among them, as they are written: no images, sound or names of things.</summary>
    public long WordBytes;

    /// <summary>Answers that say why they ended, a bit each by their index; those from 128 on are not told.</summary>
    public UInt128 Finished;

    private bool _hasNoChoices;
    private bool _hasMore;
    private bool _hasFinished;
    private int _index;

    /// <summary>Reads a whole answer. Where its usage stands at its usual place, the rest is not looked at.</summary>
    public static AnswerFacts ReadWhole(ReadOnlySpan<byte> json)
    {
        TokenCounts? usage = null;
        var isBatch = false;
        var fields = new JsonFields(json);
        while (fields.Next())
        {
            if (fields.Name.SequenceEqual("usage"u8))
            {
                usage = TokenUsage.Read(fields.Value) ?? usage;
            }
            else if (fields.Name.SequenceEqual("service_tier"u8))
            {
                isBatch = fields.Value.SequenceEqual("\"flex\""u8) || fields.Value.SequenceEqual("\"batch\""u8);
            }
        }

        return fields.IsWhole && usage is not null ? new AnswerFacts { Usage = usage, IsBatch = isBatch } : Read(json);
    }

    /// <summary>Reads one JSON object; throws nothing.</summary>
    public static AnswerFacts Read(ReadOnlySpan<byte> json) => ReadObject(json, static (ref reader, ref facts) => facts.ReadFields(ref reader));

    /// <summary>Reads one JSON object of any dialect; throws nothing.</summary>
    /// <param name="json">The object.</param>
    /// <param name="read">Reads the fields of the object at whose begin the reader stands.</param>
    public static AnswerFacts ReadObject(ReadOnlySpan<byte> json, ReadFacts read)
    {
        var facts = default(AnswerFacts);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Deepest });
        try
        {
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                read(ref reader, ref facts);
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
            else if (reader.Is("service_tier"u8))
            {
                reader.Read();
                IsBatch = reader.TokenType == JsonTokenType.String && (reader.Is("flex"u8) || reader.Is("batch"u8));
                reader.Skip();
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
        var isWord = false;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            _hasNoChoices = false;
            if (reader.TokenType == JsonTokenType.String && reader.CurrentDepth > depth + 2)
            {
                TextBytes += reader.ValueSpan.Length;
                WordBytes += isWord ? reader.ValueSpan.Length : 0;
            }
            else if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth > depth + 2)
            {
                isWord = HoldsWords(reader.ValueSpan);
            }
            else if (reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == depth + 1)
            {
                Finished |= _hasFinished && _index is >= 0 and < 128 ? UInt128.One << _index : 0;
                (_hasFinished, _index) = (false, 0);
            }
            else if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == depth + 2)
            {
                ReadChoiceField(ref reader);
            }
        }
    }

    private static bool HoldsWords(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 => name.SequenceEqual("text"u8),
        7 => name.SequenceEqual("content"u8) || name.SequenceEqual("refusal"u8),
        9 => name.SequenceEqual("arguments"u8) || name.SequenceEqual("reasoning"u8),
        17 => name.SequenceEqual("reasoning_content"u8),
        _ => false,
    };

    private void ReadChoiceField(ref Utf8JsonReader reader)
    {
        if (reader.Is("usage"u8))
        {
            // Moonshot tells the usage of a stream in its last choice.
            reader.Read();
            Usage = TokenUsage.Read(ref reader) ?? Usage;
        }
        else if (reader.Is("finish_reason"u8))
        {
            reader.Read();
            _hasFinished = reader.TokenType == JsonTokenType.String;
            reader.Skip();
        }
        else if (reader.Is("index"u8))
        {
            reader.Read();
            _ = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out _index);
            reader.Skip();
        }
        else if (reader.Is("logprobs"u8))
        {
            // The same text once more.
            reader.Read();
            reader.Skip();
        }
    }
}
