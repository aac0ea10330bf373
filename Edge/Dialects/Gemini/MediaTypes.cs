namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Media types of sounds, which other dialects name by their format, and of files that stand at an address.</summary>
internal static class MediaTypes
{
    /// <summary>The format of a sound, as <c>wav</c>.</summary>
    public static ReadOnlyMemory<byte> FormatOf(ReadOnlyMemory<byte> type)
    {
        var format = type["audio/".Length..];
        return format.Span.SequenceEqual("mpeg"u8) ? "mp3"u8.ToArray()
            : format.Span.SequenceEqual("x-wav"u8) || format.Span.SequenceEqual("wave"u8) ? "wav"u8.ToArray()
            : format;
    }

    /// <summary>The type of what stands at an address, by its ending; empty where that says nothing.</summary>
    public static ReadOnlySpan<byte> OfAddress(ReadOnlySpan<byte> address)
    {
        var end = address.IndexOfAny((byte)'?', (byte)'#');
        var path = end < 0 ? address : address[..end];
        return path.EndsWith(".png"u8) ? "image/png"u8
            : path.EndsWith(".jpg"u8) || path.EndsWith(".jpeg"u8) ? "image/jpeg"u8
            : path.EndsWith(".webp"u8) ? "image/webp"u8
            : path.EndsWith(".gif"u8) ? "image/gif"u8
            : path.EndsWith(".heic"u8) ? "image/heic"u8
            : path.EndsWith(".pdf"u8) ? "application/pdf"u8
            : default;
    }
}
