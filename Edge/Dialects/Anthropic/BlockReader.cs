using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>Reads content blocks, of requests and of answers.</summary>
internal static class BlockReader
{
    /// <summary>Reads content that is text, or a list of blocks.</summary>
    public static void ReadContent(Json content, List<ContentPart> parts)
    {
        if (content.IsString)
        {
            parts.Add(new TextPart { Text = content, Origin = content });
            return;
        }

        var items = content.Items();
        while (items.Next())
        {
            parts.Add(Read(items.Value));
        }
    }

    /// <summary>Reads a list of citations, in Anthropic's form.</summary>
    public static List<Citation>? ReadCitations(Json citations)
    {
        List<Citation>? read = null;
        var items = citations.IsList ? citations.Items() : default;
        while (items.Next())
        {
            (read ??= []).Add(ReadCitation(items.Value));
        }

        return read;
    }

    /// <summary>Reads one citation.</summary>
    public static Citation ReadCitation(Json value)
    {
        var citation = new Citation(default, default, default, value);
        var fields = value.Fields();
        while (fields.Next())
        {
            citation = fields.Is("url"u8) ? citation with { Url = fields.Value }
                : fields.Is("title"u8) || fields.Is("document_title"u8) ? citation with { Title = fields.Value }
                : fields.Is("cited_text"u8) ? citation with { Text = fields.Value }
                : citation;
        }

        return citation;
    }

    /// <summary>Reads one block.</summary>
    public static ContentPart Read(Json block)
    {
        var read = new Block();
        var fields = block.Fields();
        while (fields.Next())
        {
            read.Take(fields.NameText, fields.Value);
        }

        ContentPart part = read.Type.Is("text"u8) ? new TextPart { Text = read.Text.IsString ? read.Text : throw new DialectFaultException("A text block must have 'text'.", block), Origin = block, Citations = ReadCitations(read.Citations) }
            : read.Type.Is("tool_use"u8) ? new ToolCallPart { Id = read.Id, Name = read.Name.HasText ? read.Name : throw new DialectFaultException("A tool_use block must have a 'name'.", block), Input = read.Input, Origin = block }
            : read.Type.Is("tool_result"u8) ? ReadResult(block, read)
            : read.Type.Is("thinking"u8) ? new ReasoningPart { Text = read.Thinking, Signature = read.Signature, Origin = block }
            : read.Type.Is("redacted_thinking"u8) ? new ReasoningPart { Redacted = read.Data, Origin = block }
            : read.Type.Is("image"u8) ? ReadMedia(block, Medium.Image, read)
            : read.Type.Is("document"u8) ? ReadMedia(block, Medium.Document, read)
            : read.Type.IsString ? new ForeignPart { Origin = block }
            : throw new DialectFaultException("A block must have a 'type'.", block);
        part.CacheControl = read.CacheControl;
        part.Others = part is ForeignPart ? null : read.Others;
        if (part is MediaPart && read.Citations.IsObject)
        {
            (part.Others ??= []).Add(read.Citations);
        }

        return part;
    }

    private static ToolResultPart ReadResult(Json block, Block read)
    {
        if (!read.ToolUseId.HasText)
        {
            throw new DialectFaultException("A tool_result block must have a 'tool_use_id'.", block);
        }

        var result = new ToolResultPart { CallId = read.ToolUseId, IsError = read.IsError, Origin = block };
        ReadContent(read.Content, result.Parts);
        return result;
    }

    private static ContentPart ReadMedia(Json block, Medium medium, Block read)
    {
        var (type, mediaType, data, url, file) = (default(Json), default(Json), default(Json), default(Json), default(Json));
        var fields = read.Source.Object().Fields();
        while (fields.Next())
        {
            type = fields.Is("type"u8) ? fields.Value.Text() : type;
            mediaType = fields.Is("media_type"u8) ? fields.Value.Text() : mediaType;
            data = fields.Is("data"u8) ? fields.Value.Text() : data;
            url = fields.Is("url"u8) ? fields.Value.Text() : url;
            file = fields.Is("file_id"u8) ? fields.Value.Text() : file;
        }

        if (type.Is("base64"u8) && data.HasText && mediaType.HasText)
        {
            return new MediaPart { Medium = medium, Type = mediaType.Unescape(), Data = data.Unescape(), Name = read.Title, Origin = block };
        }

        return type.Is("url"u8) && url.HasText ? new MediaPart { Medium = medium, Url = url, Name = read.Title, Origin = block }
            : type.Is("text"u8) && data.IsString ? new MediaPart { Medium = medium, Text = data, Name = read.Title, Origin = block }
            : type.Is("file"u8) && file.HasText ? new MediaPart { Medium = medium, File = file, Name = read.Title, Origin = block }
            : throw new DialectFaultException("Its 'source' must be of type 'base64', 'url' or 'text' to be sent to a provider of another dialect.", block);
    }

    private struct Block
    {
        public Json Type;
        public Json Text;
        public Json Citations;
        public Json Id;
        public Json Name;
        public Json Input;
        public Json ToolUseId;
        public Json Content;
        public Json IsError;
        public Json Thinking;
        public Json Signature;
        public Json Data;
        public Json Source;
        public Json Title;
        public Json CacheControl;
        public List<Json>? Others;

        public void Take(string name, Json value)
        {
            _ = name switch
            {
                "type" => Type = value.Text(),
                "text" => Text = value.Text(),
                "citations" => Citations = value,
                "id" => Id = value.Text(),
                "name" => Name = value.Text(),
                "input" => Input = value,
                "tool_use_id" => ToolUseId = value.Text(),
                "content" => Content = value,
                "is_error" => IsError = value.Flag() is true ? value : default,
                "thinking" => Thinking = value.Text(),
                "signature" => Signature = value.Text(),
                "data" => Data = value.Text(),
                "source" => Source = value,
                "title" => Title = value.Text(),
                "cache_control" => CacheControl = value,
                _ => Keep(value),
            };
        }

        private Json Keep(Json other)
        {
            if (!other.IsNothing)
            {
                (Others ??= []).Add(other);
            }

            return other;
        }
    }
}
