using System.Text.Json;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>
/// What the gateway must know of a request for chat completions or embeddings, read from its bytes without a document tree; everything else passes as it is.
/// Fields: https://platform.openai.com/docs/api-reference/chat/create.
/// </summary>
internal struct RequestScan
{
    /// <summary>The most that one image given by its address costs: gpt-4o-mini in high detail, 2,833 and 8 tiles of 5,667 tokens. Other content costs less tokens than it has bytes.</summary>
    public const long TokensOfAnImage = 48_169;

    /// <summary>The model's string token with its quotes.</summary>
    public Part Model;

    /// <summary>Whether the answer is to be a stream.</summary>
    public bool Stream;

    /// <summary>Whether the caller asked for usage in the stream.</summary>
    public bool IncludeUsage;

    /// <summary>The value of <c>stream_options</c>, or empty.</summary>
    public Part StreamOptions;

    /// <summary>Whether <c>stream_options</c> is an object without fields.</summary>
    public bool StreamOptionsEmpty;

    /// <summary>The value of <c>stream_options.include_usage</c>, or empty.</summary>
    public Part IncludeUsageValue;

    /// <summary>The caller's bound on the answer, or null.</summary>
    public long? MaxTokens;

    /// <summary>Answers asked for; 1 where not given.</summary>
    public long Answers;

    /// <summary>Images among the messages.</summary>
    public int Images;

    /// <summary>Whether <c>messages</c> (chat) or <c>input</c> (embeddings) is there.</summary>
    public bool HasInput;

    /// <summary>Reads a body to its end. Throws nothing: what is wrong is told, with its place.</summary>
    public static RequestScan Read(ReadOnlySpan<byte> body, string inputField, out RequestFault? fault)
    {
        var scan = new RequestScan { Answers = 1 };
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 64 });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                fault = new RequestFault("The request body must be a JSON object.", null);
                return scan;
            }

            fault = scan.ReadFields(ref reader, inputField);
            while (fault is null && reader.Read())
            {
                // Utf8JsonReader throws for anything after the object.
            }
        }
        catch (JsonException e)
        {
            var place = $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";
            fault = new RequestFault($"The request body is not JSON that can be read, at {place}: it is malformed there or nested deeper than 64.", null);
        }

        return scan;
    }

    private RequestFault? ReadFields(ref Utf8JsonReader reader, string inputField)
    {
        var seen = Seen.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.ValueTextEquals("model"u8) ? Seen.Model
                : reader.ValueTextEquals("stream"u8) ? Seen.Stream
                : reader.ValueTextEquals("stream_options"u8) ? Seen.StreamOptions
                : reader.ValueTextEquals("max_tokens"u8) ? Seen.MaxTokens
                : reader.ValueTextEquals("max_completion_tokens"u8) ? Seen.MaxCompletionTokens
                : reader.ValueTextEquals("n"u8) ? Seen.Answers
                : reader.ValueTextEquals(inputField) ? Seen.Input
                : Seen.None;
            if (field == Seen.None)
            {
                reader.Skip();
                continue;
            }

            if (seen.HasFlag(field))
            {
                var name = reader.GetString();
                return new RequestFault($"'{name}' stands twice in the request.", name);
            }

            seen |= field;
            reader.Read();
            if (ReadField(field, ref reader, inputField) is { } fault)
            {
                return fault;
            }
        }

        return Model.Length == 0 ? new RequestFault("You must provide a model parameter.", "model")
            : HasInput ? null
            : new RequestFault($"Missing required parameter: '{inputField}'.", inputField);
    }

    private RequestFault? ReadField(Seen field, ref Utf8JsonReader reader, string inputField)
    {
        switch (field)
        {
            case Seen.Model when reader.TokenType == JsonTokenType.String:
                Model = Part.Of(reader);
                return null;
            case Seen.Model:
                return new RequestFault("'model' must be a string.", "model");
            case Seen.Stream when reader.TokenType is JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null:
                Stream = reader.TokenType == JsonTokenType.True;
                return null;
            case Seen.Stream:
                return new RequestFault("'stream' must be true or false.", "stream");
            case Seen.StreamOptions:
                return ReadStreamOptions(ref reader);
            case Seen.Input when reader.TokenType == JsonTokenType.Null:
                return null;
            case Seen.Input when string.Equals(inputField, "messages", StringComparison.Ordinal) && reader.TokenType != JsonTokenType.StartArray:
                return new RequestFault("'messages' must be a list.", "messages");
            case Seen.Input:
                HasInput = true;
                CountImages(ref reader);
                return null;
            default:
                return ReadNumber(field, ref reader);
        }
    }

    private RequestFault? ReadNumber(Seen field, ref Utf8JsonReader reader)
    {
        var name = field switch { Seen.MaxTokens => "max_tokens", Seen.Answers => "n", _ => "max_completion_tokens" };
        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number is < 1 or > 100_000_000)
        {
            return new RequestFault($"'{name}' must be a whole number from 1 to 100000000.", name);
        }

        if (field == Seen.Answers)
        {
            Answers = number;
        }
        else
        {
            // Providers that know both fields take either; the greater one is the bound that surely holds.
            MaxTokens = Math.Max(MaxTokens ?? 0, number);
        }

        return null;
    }

    private RequestFault? ReadStreamOptions(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        if (reader.TokenType == JsonTokenType.Null)
        {
            StreamOptions = Part.Of(reader);
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new RequestFault("'stream_options' must be an object.", "stream_options");
        }

        StreamOptionsEmpty = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            StreamOptionsEmpty = false;
            var asks = reader.ValueTextEquals("include_usage"u8);
            reader.Read();
            if (asks)
            {
                if (IncludeUsageValue.Length > 0)
                {
                    return new RequestFault("'include_usage' stands twice in 'stream_options'.", "stream_options.include_usage");
                }

                IncludeUsage = reader.TokenType == JsonTokenType.True;
                IncludeUsageValue = Part.Of(reader);
            }

            reader.Skip();
        }

        StreamOptions = new Part(start, (int)reader.BytesConsumed - start);
        return null;
    }

    private void CountImages(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
        {
            return;
        }

        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("image_url"u8))
            {
                Images++;
            }
        }
    }

    [Flags]
    private enum Seen
    {
        None = 0,
        Model = 1,
        Stream = 2,
        StreamOptions = 4,
        MaxTokens = 8,
        MaxCompletionTokens = 16,
        Answers = 32,
        Input = 64,
    }
}

/// <summary>A part of a body.</summary>
internal readonly record struct Part(int Start, int Length)
{
    /// <summary>The reader's current token, strings with their quotes.</summary>
    public static Part Of(in Utf8JsonReader reader) => new((int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex));

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> In(ReadOnlySpan<byte> body) => body.Slice(Start, Length);
}

/// <summary>What is wrong with a request.</summary>
/// <param name="Field">For the error's <c>param</c>; null where no one field is to blame.</param>
internal sealed record RequestFault(string Message, string? Field);
