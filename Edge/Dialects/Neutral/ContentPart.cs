namespace Sluice.Edge.Dialects.Neutral;

/// <summary>A piece of what is said.</summary>
internal abstract class ContentPart
{
    /// <summary>Where it stands.</summary>
    public Json Origin { get; init; }

    /// <summary>Anthropic's mark that what came up to here is worth keeping, or nothing.</summary>
    public Json CacheControl { get; set; }

    /// <summary>Fields of it that have no counterpart here; null where there are none.</summary>
    public List<Json>? Others { get; set; }
}

/// <summary>Text.</summary>
internal sealed class TextPart : ContentPart
{
    public required Json Text { get; init; }

    /// <summary>The sources of it, as a list in the form of the dialect that told them; nothing where there are none.</summary>
    public List<Citation>? Citations { get; set; }
}

/// <summary>A source of what the answer says.</summary>
/// <param name="Url">Where it is on the web; nothing for a place in a document of the request.</param>
/// <param name="Origin">All that was told.</param>
internal readonly record struct Citation(Json Url, Json Title, Json Text, Json Origin);

/// <summary>What is not text.</summary>
internal enum Medium
{
    Image,
    Audio,
    Document,
}

/// <summary>An image, a sound, a document: exactly one of data, address, file and text has a value.</summary>
internal sealed class MediaPart : ContentPart
{
    public required Medium Medium { get; init; }

    /// <summary>The media type of the data, unescaped, as <c>image/png</c>; for a sound its format, as <c>wav</c>.</summary>
    public ReadOnlyMemory<byte> Type { get; init; }

    /// <summary>The bytes in base64, unescaped.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    public Json Url { get; init; }

    /// <summary>An id at the provider.</summary>
    public Json File { get; init; }

    /// <summary>A document of plain text.</summary>
    public Json Text { get; init; }

    /// <summary>A document's title or file name.</summary>
    public Json Name { get; init; }

    /// <summary>How closely an image is to be looked at.</summary>
    public Json Detail { get; init; }
}

/// <summary>The assistant calls a tool.</summary>
internal sealed class ToolCallPart : ContentPart
{
    public required Json Id { get; init; }

    public required Json Name { get; init; }

    /// <summary>The arguments: an object, or a string that holds one.</summary>
    public required Json Input { get; init; }
}

/// <summary>What a tool gave.</summary>
internal sealed class ToolResultPart : ContentPart
{
    public required Json CallId { get; init; }

    public List<ContentPart> Parts { get; } = [];

    /// <summary>True where it failed.</summary>
    public Json IsError { get; init; }
}

/// <summary>What the model thought before it answered.</summary>
internal sealed class ReasoningPart : ContentPart
{
    /// <summary>What may be read of it.</summary>
    public Json Text { get; init; }

    /// <summary>By which the provider knows its own text again.</summary>
    public Json Signature { get; init; }

    /// <summary>What only the provider can read.</summary>
    public Json Redacted { get; init; }
}

/// <summary>The model says that it will not answer.</summary>
internal sealed class RefusalPart : ContentPart
{
    public required Json Text { get; init; }
}

/// <summary>What only one dialect has: a tool that the provider itself ran, and the like.</summary>
internal sealed class ForeignPart : ContentPart;
