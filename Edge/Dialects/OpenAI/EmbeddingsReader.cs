using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Reads a request for embeddings. Fields: https://platform.openai.com/docs/api-reference/embeddings/create.</summary>
internal static class EmbeddingsReader
{
    // Other providers would cut it in silence.
    private static readonly Json TooLongIsAnError = new("false"u8.ToArray(), -1);

    /// <summary>Reads it, proven to be JSON.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="provider">Whom it is read for.</param>
    /// <param name="losses">Takes what no other dialect has.</param>
    /// <exception cref="DialectFaultException">A field is not what the dialect says, or cannot be said in another one.</exception>
    public static EmbeddingsRequest Read(Json body, Dialect provider, Losses losses)
    {
        var texts = new List<EmbeddedText>();
        var dimensions = default(Json);
        var task = default(Json);
        var isBase64 = false;
        var fields = body.Fields();
        while (fields.Next())
        {
            var value = fields.Value;
            switch (fields.NameText)
            {
                case "model":
                    break;
                case "input":
                    ReadTexts(value, provider, texts);
                    break;
                case "dimensions":
                    dimensions = value.Whole() is null ? default : value;
                    break;
                case "encoding_format":
                    isBase64 = value.Is("base64"u8) || (value.IsNothing || value.Is("float"u8) ? false : throw value.Wrong("'float' or 'base64'"));
                    break;
                case "input_type":
                    task = ReadTask(value, provider, losses);
                    break;
                default:
                    losses.Add(value, $"it has no counterpart in the dialect {provider.Name}");
                    break;
            }
        }

        for (var i = 0; !task.IsNothing && i < texts.Count; i++)
        {
            texts[i] = texts[i] with { Task = task };
        }

        return texts.Count > 0 ? new EmbeddingsRequest(texts, dimensions, isBase64, TooLongIsAnError) : throw new DialectFaultException("It must have a text.", "input");
    }

    // Not OpenAI's own, but of Cohere, Voyage, NVIDIA and others among the compatible providers: a query is embedded otherwise than what it is to find.
    private static Json ReadTask(Json type, Dialect provider, Losses losses)
    {
        ReadOnlySpan<byte> task = type.ForPerson() switch
        {
            "query" or "search_query" => "RETRIEVAL_QUERY"u8,
            "document" or "passage" or "search_document" => "RETRIEVAL_DOCUMENT"u8,
            "classification" => "CLASSIFICATION"u8,
            "clustering" => "CLUSTERING"u8,
            _ => default,
        };
        if (task.IsEmpty)
        {
            losses.Add(type, $"it has no counterpart in the dialect {provider.Name}");
            return default;
        }

        // With its place, so that who cannot carry it names the field.
        return Json.OfPlain(task) with { At = type.At };
    }

    private static void ReadTexts(Json input, Dialect provider, List<EmbeddedText> texts)
    {
        if (!input.IsList)
        {
            texts.Add(new EmbeddedText(input.IsString ? input : throw input.Wrong("a string or a list of strings")));
            return;
        }

        var items = input.Items();
        while (items.Next())
        {
            texts.Add(new EmbeddedText(items.Value.IsString ? items.Value : throw new DialectFaultException($"It must be a string: the dialect {provider.Name} takes no tokens.", items.Value)));
        }
    }
}
