using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>The field that a request's input stands in.</summary>
internal enum InputField
{
    /// <summary><c>messages</c>, of chat completions.</summary>
    Messages,

    /// <summary><c>input</c>, of embeddings.</summary>
    Input,

    /// <summary><c>input</c>, of responses: text, or items.</summary>
    Items,
}

/// <summary>
/// What bounds the tokens of a request's input (docs/accounting.md): text and sound cost at most a token a byte, an image a fixed most; the first part of which
/// neither is proven (a file, what lies elsewhere under an id) is told by its place.
/// </summary>
internal struct InputScan
{
    // A provider's type name is short; what is longer is not worth repeating.
    private const int LongestType = 40;

    private bool _isOfItems;

    /// <summary>Images among the messages.</summary>
    public int Images;

    /// <summary>Sounds among the messages, each with its data: a second of it has more bytes than tokens.</summary>
    public int Sounds;

    /// <summary>Bytes of files beyond the tokens of text that they can have.</summary>
    public int FileExcess;

    /// <summary>The place of the first part whose tokens nothing in the request bounds, as <c>messages[0].content[1]</c>; null where there is none.</summary>
    public string? UnboundPlace;

    /// <summary>Its type as it was written.</summary>
    public string? UnboundType;

    /// <summary>Reads the field's value, at which the reader stands, to its end.</summary>
    public void Read(ref Utf8JsonReader reader, InputField field)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            FindObject(ref reader, "input");
            return;
        }

        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (field is InputField.Input)
            {
                FindObject(ref reader, "input", index);
            }
            else if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadMessage(ref reader, index, field is InputField.Items);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>The request stands for something that the provider keeps, of whatever length.</summary>
    public void FindKept(string field) => Blame(field, "kept by the provider");

    /// <summary>Something in it is of whatever length.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="type">What it is, in a word.</param>
    public void FindUnbound(string place, string type) => Blame(place, type);

    /// <summary>Reads <c>tools</c>: what a provider's own tool finds is read by the model, however much it is.</summary>
    public void ReadTools(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isType = reader.Is("type"u8);
                reader.Read();
                if (isType && !reader.Is("function"u8) && !reader.Is("custom"u8))
                {
                    Blame(string.Create(CultureInfo.InvariantCulture, $"tools[{index}]"), TypeOf(reader));
                }

                reader.Skip();
            }
        }
    }

    // Text and tokens are bounded by their bytes; an object gives something else.
    private void FindObject(ref Utf8JsonReader reader, string place, int? index = null)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            Blame(index is { } number ? string.Create(CultureInfo.InvariantCulture, $"{place}[{number}]") : place, "object");
        }

        reader.Skip();
    }

    private void ReadMessage(ref Utf8JsonReader reader, int message, bool isItem)
    {
        _isOfItems = isItem;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isContent = reader.Is("content"u8) || (isItem && reader.Is("output"u8));
            var isType = isItem && reader.Is("type"u8);
            var isAudio = reader.Is("audio"u8);
            reader.Read();
            if (isContent && reader.TokenType == JsonTokenType.StartArray)
            {
                ReadContent(ref reader, message);
            }
            else if (isContent && reader.TokenType == JsonTokenType.StartObject)
            {
                ReadPart(ref reader, message, null);
            }
            else
            {
                if (isType && !IsBoundItem(reader))
                {
                    Blame(string.Create(CultureInfo.InvariantCulture, $"{ListName}[{message}]"), TypeOf(reader));
                }

                if (isAudio && reader.TokenType == JsonTokenType.StartObject)
                {
                    // An earlier spoken answer, by its id.
                    Blame(string.Create(CultureInfo.InvariantCulture, $"{ListName}[{message}].audio"), "audio");
                }

                reader.Skip();
            }
        }
    }

    private void ReadContent(ref Utf8JsonReader reader, int message)
    {
        for (var part = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; part++)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadPart(ref reader, message, part);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadPart(ref Utf8JsonReader reader, int message, int? part)
    {
        var isImage = false;
        var isText = false;
        var isSound = false;
        string? other = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            isImage |= reader.Is("image_url"u8);
            isText |= reader.Is("text"u8);
            var isType = reader.Is("type"u8);
            var isSoundField = reader.Is("input_audio"u8);
            var isContent = reader.Is("content"u8);
            reader.Read();
            if (isSoundField && reader.TokenType == JsonTokenType.StartObject)
            {
                isSound |= HasData(ref reader);
            }
            else if (isContent && reader.TokenType == JsonTokenType.StartArray)
            {
                // Anthropic's results of tools hold parts of their own.
                ReadContent(ref reader, message);
                continue;
            }
            else if (isType && (reader.Is("image_url"u8) || reader.Is("image"u8) || reader.Is("input_image"u8)))
            {
                isImage = true;
            }
            else if (isType && IsText(reader))
            {
                isText = true;
            }
            else if (isType && !reader.Is("input_audio"u8))
            {
                other ??= TypeOf(reader);
            }

            reader.Skip();
        }

        Images += isImage ? 1 : 0;
        Sounds += isSound ? 1 : 0;
        if (other is not null || !(isImage || isText || isSound))
        {
            Blame(part is { } number
                ? string.Create(CultureInfo.InvariantCulture, $"{ListName}[{message}].content[{number}]")
                : string.Create(CultureInfo.InvariantCulture, $"{ListName}[{message}].content"), other ?? "none");
        }
    }

    private static bool HasData(ref Utf8JsonReader reader)
    {
        var hasData = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isData = reader.Is("data"u8);
            reader.Read();
            hasData |= isData && reader.TokenType == JsonTokenType.String;
            reader.Skip();
        }

        return hasData;
    }

    // Whose tokens are at most its bytes, but for parts that tell themselves.
    private static bool IsBoundItem(in Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String
        && (reader.Is("message"u8) || reader.Is("function_call"u8) || reader.Is("function_call_output"u8) || reader.Is("reasoning"u8) || reader.Is("custom_tool_call"u8) || reader.Is("custom_tool_call_output"u8));

    private static bool IsText(in Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String
        && (reader.Is("tool_use"u8) || reader.Is("tool_result"u8) || reader.Is("redacted_thinking"u8) || reader.Is("text"u8) || reader.Is("refusal"u8) || reader.Is("thinking"u8) || reader.Is("reasoning"u8) || reader.Is("input_text"u8) || reader.Is("output_text"u8) || reader.Is("reasoning_text"u8) || reader.Is("summary_text"u8));

    private static string TypeOf(in Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped && reader.ValueSpan.Length is > 0 and <= LongestType && Ascii.IsValid(reader.ValueSpan)
            ? Encoding.ASCII.GetString(reader.ValueSpan)
            : "unknown";

    private readonly string ListName => _isOfItems ? "input" : "messages";

    private void Blame(string place, string type)
    {
        if (UnboundPlace is null)
        {
            (UnboundPlace, UnboundType) = (place, type);
        }
    }
}
