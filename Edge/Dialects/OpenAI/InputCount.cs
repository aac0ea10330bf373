using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Tokens;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>
/// Bounds the tokens of a request's input as tightly as is known: its texts by the model's vocabulary, images in it by the provider's rule, sound in it by its length at the lowest
/// rate that sound has. What is left, names and syntax and tools, counts a token a byte as ever. Slow, and so only for requests that do not fit otherwise.
/// </summary>
internal sealed class InputCount(Vocabulary vocabulary, ImageRule? images)
{
    // No format in use needs less than 750 bytes a second, 1,000 in base64, and no provider counts more than 32 tokens a second.
    private const int SoundPerToken = 20;

    // Where a JPEG's size stands behind a large preview, it is taken for the dearest.
    private const int HeadLength = 64 * 1024;

    private long _bound;

    /// <summary>The most tokens of an image whose size is not known.</summary>
    public static long DearestImage(ImageRule? images) => images?.Dearest ?? ImageRule.DearestOfAll;

    /// <summary>The bound; at most the one that is taken from the body's length.</summary>
    /// <param name="body">A body that was read without fault.</param>
    /// <param name="count">Images among its messages.</param>
    public long Bound(ReadOnlySpan<byte> body, int count)
    {
        _bound = TokenBounds.OfText(body.Length) + (count * DearestImage(images));
        var reader = new Utf8JsonReader(body, Json.Options);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
            {
                var isMessages = reader.Is("messages"u8) || reader.Is("contents"u8) || reader.Is("requests"u8) || reader.Is("instances"u8);
                var (isInput, isContent) = (reader.Is("input"u8), reader.Is("content"u8));
                reader.Read();
                if (isMessages && reader.TokenType == JsonTokenType.StartArray)
                {
                    ReadMessages(ref reader);
                }
                else if (isInput)
                {
                    ReadTexts(ref reader);
                }
                else if (isContent && reader.TokenType == JsonTokenType.StartObject)
                {
                    ReadContent(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        return _bound;
    }

    private void ReadTexts(ref Utf8JsonReader reader)
    {
        CountText(ref reader);
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            CountText(ref reader);
            reader.Skip();
        }
    }

    private void ReadMessages(ref Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            // messages[i].content; Gemini's contents[i].parts, requests[i].content.parts and instances[i].content
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == depth + 2 && (reader.Is("content"u8) || reader.Is("parts"u8)))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    CountText(ref reader);
                }
                else if (reader.TokenType == JsonTokenType.StartArray)
                {
                    ReadParts(ref reader);
                }
                else if (reader.TokenType == JsonTokenType.StartObject)
                {
                    ReadContent(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
        }
    }

    private void ReadContent(ref Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == depth + 1 && reader.Is("parts"u8) && reader.Read() && reader.TokenType == JsonTokenType.StartArray)
            {
                ReadParts(ref reader);
            }
        }
    }

    private void ReadParts(ref Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != depth + 2)
            {
                continue;
            }

            var (isText, isImage, isSound) = (reader.Is("text"u8), reader.Is("image_url"u8), reader.Is("input_audio"u8));
            var isBlob = reader.Is("source"u8) || reader.Is("inlineData"u8) || reader.Is("inline_data"u8);
            reader.Read();
            if (isText)
            {
                CountText(ref reader);
            }
            else if ((isImage || isSound) && reader.TokenType == JsonTokenType.StartObject)
            {
                ReadMedia(ref reader, isImage);
            }
            else if (isBlob && reader.TokenType == JsonTokenType.StartObject)
            {
                ReadBlob(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadMedia(ref Utf8JsonReader reader, bool isImage)
    {
        long? ofSize = null;
        var isLow = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isDetail, isData) = (reader.Is("detail"u8), reader.Is(isImage ? "url"u8 : "data"u8));
            reader.Read();
            if (isDetail)
            {
                isLow = reader.TokenType == JsonTokenType.String && reader.Is("low"u8);
            }
            else if (isData && reader.TokenType == JsonTokenType.String && isImage)
            {
                ofSize = CountImage(ref reader);
            }
            else if (isData && reader.TokenType == JsonTokenType.String)
            {
                _bound -= reader.ValueSpan.Length - ((reader.ValueSpan.Length / SoundPerToken) + 1);
            }

            reader.Skip();
        }

        if (isImage && (isLow && images?.LowDetail is { } low ? low : ofSize) is { } tokens)
        {
            _bound -= DearestImage(images) - Math.Min(tokens, DearestImage(images));
        }
    }

    // Anthropic's source and Gemini's inlineData: base64 beside its media type, in either order.
    private void ReadBlob(ref Utf8JsonReader reader)
    {
        var data = default(ReadOnlySpan<byte>);
        var (isImage, isSound, isEscaped) = (false, false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isData, isType) = (reader.Is("data"u8), reader.Is("media_type"u8) || reader.Is("mimeType"u8) || reader.Is("mime_type"u8));
            reader.Read();
            if (isData && reader.TokenType == JsonTokenType.String)
            {
                data = reader.ValueSpan;
                isEscaped = reader.ValueIsEscaped;
            }
            else if (isType && reader.TokenType == JsonTokenType.String)
            {
                (isImage, isSound) = (reader.ValueSpan.StartsWith("image/"u8), reader.ValueSpan.StartsWith("audio/"u8));
            }

            reader.Skip();
        }

        if (isSound)
        {
            _bound -= data.Length - ((data.Length / SoundPerToken) + 1);
        }
        else if (isImage && !isEscaped)
        {
            var tokens = CountData(data) ?? DearestImage(images);
            _bound -= DearestImage(images) - Math.Min(tokens, DearestImage(images));
        }
    }

    // The picture itself is no text; what it costs, where its size is known.
    private long? CountImage(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return CountImage(reader.ValueSpan, reader.ValueSpan.Length);
        }

        // Some clients escape the / and + of base64.
        var url = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            return CountImage(url.AsSpan(0, reader.CopyString(url)), reader.ValueSpan.Length);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(url);
        }
    }

    private long? CountImage(ReadOnlySpan<byte> url, int written)
    {
        var comma = url.IndexOf((byte)',');
        if (comma < 0 || !url.StartsWith("data:"u8) || !url[..comma].EndsWith(";base64"u8))
        {
            return null;
        }

        var data = url[(comma + 1)..];
        _bound -= written - url.Length;
        return CountData(data);
    }

    private long? CountData(ReadOnlySpan<byte> data)
    {
        _bound -= data.Length;
        var head = data[..Math.Min(data.Length & ~3, HeadLength)];
        var file = ArrayPool<byte>.Shared.Rent(head.Length + 4);
        try
        {
            return images is not null && Base64.DecodeFromUtf8(head, file, out _, out var length, isFinalBlock: false) is OperationStatus.Done or OperationStatus.NeedMoreData
                && ImageSize.TryRead(file.AsSpan(0, length), out var size)
                ? images.Of(size.Width, size.Height)
                : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(file);
        }
    }

    private void CountText(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return;
        }

        var written = reader.ValueSpan.Length;
        var letters = ArrayPool<char>.Shared.Rent(written);
        try
        {
            var length = reader.CopyString(letters);
            if (TextTokens.Count(vocabulary, letters.AsSpan(0, length)) is { } tokens)
            {
                _bound -= Math.Max(0, written - tokens);
            }
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is no text: it stays a token a byte.
        }
        finally
        {
            ArrayPool<char>.Shared.Return(letters, clearArray: true);
        }
    }
}
