using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Responses;

/// <summary>Reads one part of what a message says or a function gave.</summary>
internal static class ResponsePartReader
{
    /// <summary>Reads it.</summary>
    public static ContentPart Read(Json part)
    {
        var said = PartFields.Of(part);
        ContentPart read = said.Type.Is("input_text"u8) || said.Type.Is("output_text"u8) || said.Type.Is("text"u8) ? new TextPart { Text = said.Text.IsNothing ? JsonText.Empty : said.Text, Origin = part, Citations = ReadSources(said.Annotations) }
            : said.Type.Is("refusal"u8) ? new RefusalPart { Text = said.Refusal.IsNothing ? JsonText.Empty : said.Refusal, Origin = part }
            : said.Type.Is("input_image"u8) ? ReadImage(part, said)
            : said.Type.Is("input_file"u8) ? ReadFile(part, said)
            : said.Type.Is("input_audio"u8) ? ReadSound(part, said.Sound)
            : new ForeignPart { Origin = part };
        read.Others = read is ForeignPart ? null : said.Others;
        return read;
    }

    /// <summary>The source that an annotation tells; nothing in it where it is of another kind than an address.</summary>
    public static Citation ReadSource(Json annotation)
    {
        var (url, title) = (default(Json), default(Json));
        var fields = annotation.IsObject ? annotation.Fields() : default;
        while (fields.Next())
        {
            url = fields.Is("url"u8) ? fields.Value : url;
            title = fields.Is("title"u8) ? fields.Value : title;
        }

        return new Citation(url, title, default, annotation);
    }

    private static List<Citation>? ReadSources(Json annotations)
    {
        List<Citation>? sources = null;
        var items = annotations.IsList ? annotations.Items() : default;
        while (items.Next())
        {
            (sources ??= []).Add(ReadSource(items.Value));
        }

        return sources;
    }

    private static MediaPart ReadImage(Json part, in PartFields said)
    {
        if (said.Url.IsNothing)
        {
            return new MediaPart { Medium = Medium.Image, File = said.FileId.IsNothing ? throw new DialectFaultException("An image must have an 'image_url'.", part) : said.FileId, Origin = part };
        }

        var address = said.Url.Text().Unescape();
        return !DataUrl.Is(address.Span) ? new MediaPart { Medium = Medium.Image, Url = said.Url, Detail = said.Detail, Origin = part }
            : DataUrl.TryRead(address, out var type, out var data) ? new MediaPart { Medium = Medium.Image, Type = type, Data = data, Detail = said.Detail, Origin = part }
            : throw said.Url.Wrong("an address, or data as 'data:image/png;base64,…'");
    }

    private static MediaPart ReadFile(Json part, in PartFields said)
    {
        if (said.Data.IsNothing)
        {
            return said.Url.IsNothing && said.FileId.IsNothing ? throw new DialectFaultException("A file must have 'file_data', 'file_url' or 'file_id'.", part)
                : new MediaPart { Medium = Medium.Document, Url = said.Url, File = said.FileId, Name = said.Name, Origin = part };
        }

        return DataUrl.TryRead(said.Data.Text().Unescape(), out var type, out var bytes)
            ? new MediaPart { Medium = Medium.Document, Type = type, Data = bytes, Name = said.Name, Origin = part }
            : throw said.Data.Wrong("data as 'data:application/pdf;base64,…'");
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

    private struct PartFields
    {
        public Json Type;
        public Json Text;
        public Json Refusal;
        public Json Annotations;
        public Json Url;
        public Json FileId;
        public Json Data;
        public Json Name;
        public Json Detail;
        public Json Sound;
        public List<Json>? Others;

        public static PartFields Of(Json part)
        {
            var read = default(PartFields);
            var fields = part.Fields();
            while (fields.Next())
            {
                var value = fields.Value;
                switch (fields.NameText)
                {
                    case "type":
                        read.Type = value.Text();
                        break;
                    case "text":
                        read.Text = value.Text();
                        break;
                    case "refusal":
                        read.Refusal = value.Text();
                        break;
                    case "annotations":
                        read.Annotations = value;
                        break;
                    case "image_url" or "file_url":
                        read.Url = value.Text();
                        break;
                    case "file_id":
                        read.FileId = value.Text();
                        break;
                    case "file_data":
                        read.Data = value.Text();
                        break;
                    case "filename":
                        read.Name = value.Text();
                        break;
                    case "detail":
                        read.Detail = value.Text();
                        break;
                    case "input_audio":
                        read.Sound = value;
                        break;
                    case "logprobs":
                        // Of an earlier answer, or told apart.
                        break;
                    default:
                        if (!value.IsNothing)
                        {
                            (read.Others ??= []).Add(value);
                        }

                        break;
                }
            }

            return read;
        }
    }
}
