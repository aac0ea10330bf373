using System.Text.Json;
using System.Text.Unicode;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>
/// What the gateway must know of a request for chat completions or embeddings, read from its bytes without a document tree; everything else passes as it is.
/// Fields: https://platform.openai.com/docs/api-reference/chat/create.
/// </summary>
internal struct RequestScan
{
    /// <summary>The model's string token with its quotes; in a form its bytes as they are.</summary>
    public Part Model;

    /// <summary>The string token, where it stands in the path or a form or is left out; else empty.</summary>
    public ReadOnlyMemory<byte> ModelOfPath;

    /// <summary>Whether the request names no model, where there is one for such requests.</summary>
    public bool LacksModel;

    /// <summary>The model's string token with its quotes, wherever it stands.</summary>
    public readonly ReadOnlySpan<byte> ModelIn(ReadOnlySpan<byte> body) => ModelOfPath.IsEmpty ? Model.In(body) : ModelOfPath.Span;

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

    /// <summary>The caller's bound on the answer, or what bounds it otherwise; or null.</summary>
    public long? MaxTokens;

    /// <summary>Answers asked for; 1 where not given.</summary>
    public long Answers;

    /// <summary>The number of <c>max_tokens</c>, or empty.</summary>
    public Part MaxTokensNumber;

    /// <summary>The number of <c>max_completion_tokens</c>, or empty.</summary>
    public Part MaxCompletionTokensNumber;

    /// <summary>The value of <c>max_tokens</c> where it is null, or empty.</summary>
    public Part MaxTokensNull;

    /// <summary>What is known of the tokens of the messages (chat) or the input (embeddings).</summary>
    public InputScan Input;

    /// <summary>Whether the answer may be spoken: <c>modalities</c> or <c>audio</c> is there.</summary>
    public bool IsSpoken;

    /// <summary>The most that it can use besides tokens; of pictures, what it asks for. Null: nothing.</summary>
    public UnitCounts? Units;

    /// <summary>What tokens it may have besides text.</summary>
    public readonly TokenKinds Kinds => (IsSpoken ? TokenKinds.OutputAudio : TokenKinds.None) | (Input.Images > 0 ? TokenKinds.InputImage : TokenKinds.None)
        | (Input.Sounds > 0 ? TokenKinds.InputAudio : TokenKinds.None) | (Input.UnboundPlace is null ? TokenKinds.None : TokenKinds.InputImage | TokenKinds.InputAudio);

    /// <summary>The field that bounds the answer, as the caller's dialect calls it.</summary>
    public string CapName;

    /// <summary>The object in which that field belongs, where it is not the body itself and is there; else empty.</summary>
    public Part CapHolder;

    /// <summary>That object's name; null: it is the body itself.</summary>
    public string? CapHolderName;

    /// <summary>Whether <c>messages</c> (chat) or <c>input</c> (embeddings) is there.</summary>
    public bool HasInput;

    /// <summary>The response that it goes on from, by the provider's id; null: none.</summary>
    public string? PreviousResponse;

    /// <summary>Whether the answer is to come later.</summary>
    public bool IsBackground;

    /// <summary>Reads a body to its end. Throws nothing: what is wrong is told, with its place.</summary>
    public static RequestScan Read(ReadOnlySpan<byte> body, InputField inputField, out RequestFault? fault)
    {
        var scan = new RequestScan { Answers = 1, CapName = inputField is InputField.Items ? "max_output_tokens" : "max_tokens" };
        if (!Utf8.IsValid(body))
        {
            fault = RequestJson.NotUtf8;
            return scan;
        }

        var reader = new Utf8JsonReader(body, RequestJson.Options);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                fault = RequestJson.NoObject;
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
            fault = RequestJson.Judge(e, reader, body);
        }

        return scan;
    }

    private RequestFault? ReadFields(ref Utf8JsonReader reader, InputField inputField)
    {
        var seen = Seen.None;
        var isItems = inputField is InputField.Items;
        var capName = isItems ? "max_output_tokens"u8 : "max_tokens"u8;
        var inputName = inputField is InputField.Messages ? "messages"u8 : "input"u8;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.Is("model"u8) ? Seen.Model
                : reader.Is("stream"u8) ? Seen.Stream
                : reader.Is("stream_options"u8) ? Seen.StreamOptions
                : reader.Is(capName) ? Seen.MaxTokens
                : !isItems && reader.Is("max_completion_tokens"u8) ? Seen.MaxCompletionTokens
                : reader.Is("n"u8) ? Seen.Answers
                : reader.Is(inputName) ? Seen.Input
                : Seen.None;
            if (field == Seen.None)
            {
                IsSpoken |= reader.Is("modalities"u8) || reader.Is("audio"u8);
                if (isItems && KeptState.NameOf(reader) is { } kept)
                {
                    HasInput |= KeptState.Read(ref reader, kept, ref this, out var wrong);
                    if (wrong is not null)
                    {
                        return wrong;
                    }

                    continue;
                }

                if (reader.Is("tools"u8))
                {
                    reader.Read();
                    Input.ReadTools(ref reader);
                    continue;
                }

                reader.Skip();
                continue;
            }

            if (seen.HasFlag(field))
            {
                var name = reader.GetString()!;
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
            : inputField is InputField.Messages ? new RequestFault("Missing required parameter: 'messages'.", "messages")
            : new RequestFault("Missing required parameter: 'input'.", "input");
    }

    private RequestFault? ReadField(Seen field, ref Utf8JsonReader reader, InputField inputField)
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
            case Seen.Input when inputField is InputField.Messages && reader.TokenType != JsonTokenType.StartArray:
                return new RequestFault("'messages' must be a list.", "messages");
            case Seen.Input:
                HasInput = true;
                Input.Read(ref reader, inputField);
                return null;
            default:
                return ReadNumber(field, ref reader);
        }
    }

    private RequestFault? ReadNumber(Seen field, ref Utf8JsonReader reader)
    {
        var name = field switch { Seen.MaxTokens => CapName, Seen.Answers => "n", _ => "max_completion_tokens" };
        if (reader.TokenType == JsonTokenType.Null)
        {
            MaxTokensNull = field == Seen.MaxTokens ? Part.Of(reader) : MaxTokensNull;
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
            if (field == Seen.MaxTokens)
            {
                MaxTokensNumber = Part.Of(reader);
            }
            else
            {
                MaxCompletionTokensNumber = Part.Of(reader);
            }
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
            var asks = reader.Is("include_usage"u8);
            reader.Read();
            if (asks)
            {
                if (IncludeUsageValue.Length > 0)
                {
                    return new RequestFault("'include_usage' stands twice in 'stream_options'.", "stream_options.include_usage");
                }

                IncludeUsage = reader.TokenType == JsonTokenType.True;
            }

            // To its end: what replaces the value replaces all of it, also where it is an object.
            var value = (int)reader.TokenStartIndex;
            reader.Skip();
            if (asks)
            {
                IncludeUsageValue = new Part(value, (int)reader.BytesConsumed - value);
            }
        }

        StreamOptions = new Part(start, (int)reader.BytesConsumed - start);
        return null;
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
