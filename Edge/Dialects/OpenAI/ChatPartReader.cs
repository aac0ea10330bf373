using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Reads one part of a message's content: OpenAI's, and Mistral's for reasoning.</summary>
internal static class ChatPartReader
{
    /// <summary>Reads it.</summary>
    public static void Read(Json part, List<ContentPart> parts)
    {
        var (type, inner, cache) = (default(Json), default(Json), default(Json));
        List<Json>? others = null;
        var fields = part.Fields();
        while (fields.Next())
        {
            if (fields.Is("type"u8))
            {
                type = fields.Value;
            }
            else if (fields.Is("cache_control"u8))
            {
                cache = fields.Value.Object();
            }
            else if (fields.Is("text"u8) || fields.Is("image_url"u8) || fields.Is("input_audio"u8) || fields.Is("file"u8) || fields.Is("refusal"u8) || fields.Is("thinking"u8))
            {
                inner = fields.Value;
            }
            else if (!fields.Value.IsNothing)
            {
                (others ??= []).Add(fields.Value);
            }
        }

        if (type.Is("thinking"u8))
        {
            ReadThinking(inner, parts);
            return;
        }

        ContentPart read = type.Is("text"u8) || type.Is("input_text"u8) || type.Is("output_text"u8) ? new TextPart { Text = inner.Text(), Origin = part, CacheControl = cache }
            : type.Is("image_url"u8) ? ReadImage(part, inner, cache)
            : type.Is("input_audio"u8) ? ReadSound(part, inner)
            : type.Is("file"u8) ? ReadFile(part, inner, cache)
            : type.Is("refusal"u8) ? new RefusalPart { Text = inner.Text(), Origin = part }
            : new ForeignPart { Origin = part };
        read.Others = read is ForeignPart ? null : others;
        parts.Add(read);
    }

    private static void ReadThinking(Json thinking, List<ContentPart> parts)
    {
        if (thinking.IsString)
        {
            parts.Add(new ReasoningPart { Text = thinking, Origin = thinking });
            return;
        }

        var texts = new List<ContentPart>();
        ChatMessageReader.ReadContent(thinking, texts);
        parts.Add(new ReasoningPart { Text = JsonText.Join(texts), Origin = thinking });
    }

    private static MediaPart ReadImage(Json part, Json image, Json cache)
    {
        var (url, detail) = (image.IsString ? image : default, default(Json));
        var fields = image.IsString ? default : image.Fields();
        while (fields.Next())
        {
            url = fields.Is("url"u8) ? fields.Value.Text() : url;
            detail = fields.Is("detail"u8) ? fields.Value.Text() : detail;
        }

        if (url.IsNothing)
        {
            throw new DialectFaultException("An image must have a 'url'.", part);
        }

        var address = url.Unescape();
        return !DataUrl.Is(address.Span) ? new MediaPart { Medium = Medium.Image, Url = url, Detail = detail, Origin = part, CacheControl = cache }
            : DataUrl.TryRead(address, out var type, out var data) ? new MediaPart { Medium = Medium.Image, Type = type, Data = data, Detail = detail, Origin = part, CacheControl = cache }
            : throw url.Wrong("an address, or data as 'data:image/png;base64,…'");
    }

    private static MediaPart ReadSound(Json part, Json sound)
    {
        var (data, format) = (default(Json), default(Json));
        var fields = sound.Fields();
        while (fields.Next())
        {
            data = fields.Is("data"u8) ? fields.Value.Text() : data;
            format = fields.Is("format"u8) ? fields.Value.Text() : format;
        }

        return new MediaPart { Medium = Medium.Audio, Type = format.Unescape(), Data = data.Unescape(), Origin = part };
    }

    private static MediaPart ReadFile(Json part, Json file, Json cache)
    {
        var (data, id, name) = (default(Json), default(Json), default(Json));
        var fields = file.Fields();
        while (fields.Next())
        {
            data = fields.Is("file_data"u8) ? fields.Value.Text() : data;
            id = fields.Is("file_id"u8) ? fields.Value.Text() : id;
            name = fields.Is("filename"u8) ? fields.Value.Text() : name;
        }

        if (data.IsNothing)
        {
            return new MediaPart { Medium = Medium.Document, File = id, Name = name, Origin = part, CacheControl = cache };
        }

        return DataUrl.TryRead(data.Unescape(), out var type, out var bytes)
            ? new MediaPart { Medium = Medium.Document, Type = type, Data = bytes, Name = name, Origin = part, CacheControl = cache }
            : throw data.Wrong("data as 'data:application/pdf;base64,…'");
    }
}
