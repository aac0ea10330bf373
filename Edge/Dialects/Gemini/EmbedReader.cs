using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Reads a client's request for embeddings, by any of its ways, for a provider that is asked otherwise.</summary>
internal sealed class EmbedReader(Dialect provider, Losses losses)
{
    private readonly List<EmbeddedText> _texts = [];
    private Json _dimensions;
    private Json _truncates;

    /// <summary>Reads it, proven to be JSON.</summary>
    /// <exception cref="DialectFaultException">A field is not what the dialect says, or cannot be said in another one.</exception>
    public EmbeddingsRequest Read(Json body, string way)
    {
        var list = way is GeminiEmbeddings.Several ? "requests" : "instances";
        if (way is GeminiEmbeddings.One)
        {
            ReadOne(body);
        }
        else
        {
            ReadSeveral(body, list);
        }

        return _texts.Count > 0 ? new EmbeddingsRequest(_texts, _dimensions, false, _truncates) : throw new DialectFaultException("It must have a text.", list);
    }

    private void ReadSeveral(Json body, string list)
    {
        var fields = body.Fields();
        while (fields.Next())
        {
            var (name, value) = (CamelNames.Of(fields.NameText), fields.Value);
            if (string.Equals(name, list, StringComparison.Ordinal))
            {
                for (var items = value.Items(); items.Next();)
                {
                    ReadOne(items.Value.IsObject ? items.Value : throw items.Value.Wrong("an object"));
                }
            }
            else if (name is "parameters")
            {
                var ofAll = default(EmbeddedText);
                ReadConfig(value.Object(), ref ofAll);
            }
            else
            {
                Lose(value);
            }
        }
    }

    private void ReadOne(Json request)
    {
        var text = default(EmbeddedText);
        var fields = request.Fields();
        while (fields.Next())
        {
            var (name, value) = (CamelNames.Of(fields.NameText), fields.Value);
            switch (name)
            {
                case "model":
                    break;
                case "content":
                    text = text with { Text = ReadContent(value) };
                    break;
                case "embedContentConfig":
                    ReadConfig(value.Object(), ref text);
                    break;
                default:
                    ReadOption(name, value, ref text);
                    break;
            }
        }

        _texts.Add(text.Text.IsNothing ? throw new DialectFaultException("It must have a 'content'.", request) : text);
    }

    private void ReadConfig(Json config, ref EmbeddedText text)
    {
        for (var fields = config.Fields(); fields.Next();)
        {
            ReadOption(CamelNames.Of(fields.NameText), fields.Value, ref text);
        }
    }

    private void ReadOption(string name, Json value, ref EmbeddedText text)
    {
        switch (name)
        {
            case "taskType":
                text = text with { Task = value.Text() };
                break;
            case "title":
                text = text with { Title = value.Text() };
                break;
            case "outputDimensionality":
                Agree(ref _dimensions, value.Whole() is null ? default : value);
                break;
            case "autoTruncate":
                Agree(ref _truncates, value.Flag() is null ? default : value);
                break;
            default:
                Lose(value);
                break;
        }
    }

    // Others have one for all texts.
    private static void Agree(ref Json before, Json value)
    {
        if (!before.IsNothing && !value.IsNothing && !before.Span.SequenceEqual(value.Span))
        {
            throw new DialectFaultException("It must be the same for all texts: this model's provider is told it once.", value);
        }

        before = value.IsNothing ? before : value;
    }

    private Json ReadContent(Json content)
    {
        if (content.IsString)
        {
            // Of Vertex's form.
            return content;
        }

        var text = default(Json);
        for (var fields = content.Object().Fields(); fields.Next();)
        {
            if (fields.Is("parts"u8))
            {
                text = ReadParts(fields.Value);
            }
            else if (!fields.Is("role"u8))
            {
                Lose(fields.Value);
            }
        }

        return text.IsNothing ? throw new DialectFaultException("It must have a text.", content) : text;
    }

    private Json ReadParts(Json parts)
    {
        var text = default(Json);
        for (var items = parts.Items(); items.Next();)
        {
            var part = items.Value.IsObject ? items.Value.Find("text"u8) : default;
            if (!part.IsString || !text.IsNothing)
            {
                throw new DialectFaultException(part.IsString ? $"A content of one text alone can be sent to this model's provider, of the dialect {provider.Name}." : "Only a text can be sent to this model's provider.", items.Value);
            }

            text = part;
        }

        return text;
    }

    private void Lose(Json value) => losses.Add(value, $"it has no counterpart in the dialect {provider.Name}");
}
