using System.Buffers;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>
/// Walks the parts of a form (multipart/form-data, RFC 7578) by its bytes, without decoding or copying any. What two readers could take for different forms is refused, for the provider
/// reads it anew: a boundary amid a part, line ends that are none, a field's name that is written in another way.
/// </summary>
internal ref struct FormParts
{
    private const int LongestBoundary = 70;
    private const int LongestHead = 8 * 1024;
    private const int MostParts = 256;
    private static readonly SearchValues<char> Allowed = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ");
    private readonly ReadOnlySpan<byte> _body;
    private readonly ReadOnlySpan<byte> _delimiter;
    private int _at;
    private int _count;

    /// <summary>Begins before the first part.</summary>
    /// <param name="body">The form.</param>
    /// <param name="contentType">Of the request, which tells the boundary.</param>
    public FormParts(ReadOnlySpan<byte> body, string contentType)
    {
        _body = body;
        if (BoundaryOf(contentType) is not { } boundary)
        {
            Fault = $"its Content-Type must have one 'boundary', of 1 to {LongestBoundary} of the characters that RFC 2046 lets it have";
            return;
        }

        _delimiter = Encoding.ASCII.GetBytes($"--{boundary}");
        _at = _delimiter.Length;
        Fault = body.StartsWith(_delimiter) ? null : "it does not begin with its boundary";
    }

    /// <summary>What is wrong with the form; null: nothing so far.</summary>
    public string? Fault { get; private set; }

    /// <summary>The field's name, as it is written.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Whether the part is a file.</summary>
    public bool IsFile { get; private set; }

    /// <summary>Where its content stands.</summary>
    public Part Content { get; private set; }

    /// <summary>Goes to the next part; false at the form's end, and where it is no form.</summary>
    public bool Next()
    {
        if (Fault is not null)
        {
            return false;
        }

        var rest = _body[_at..];
        if (rest.StartsWith("--"u8))
        {
            Fault = rest[2..].TrimStart("\r\n"u8).IsEmpty ? null : "something follows its end";
            return false;
        }

        if (!rest.StartsWith("\r\n"u8))
        {
            return Fail(rest is [] or [(byte)'-'] or [(byte)'\r'] ? "it ends before its last boundary" : "its boundary stands amid a part");
        }

        if (++_count > MostParts)
        {
            return Fail($"it has more than {MostParts} parts");
        }

        return ReadHead(_at + 2) && ReadContent();
    }

    private static string? BoundaryOf(string contentType)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var media) || media.Parameters.Count(p => p.Name.Equals("boundary", StringComparison.OrdinalIgnoreCase)) != 1)
        {
            return null;
        }

        var boundary = HeaderUtilities.RemoveQuotes(media.Boundary);
        return boundary.Length is > 0 and <= LongestBoundary && boundary.AsSpan().IndexOfAnyExcept(Allowed) < 0 && boundary[boundary.Length - 1] is not ' ' ? boundary.ToString() : null;
    }

    // Lines to the empty one.
    private bool ReadHead(int at)
    {
        var hasName = false;
        for (var begin = at; at - begin <= LongestHead;)
        {
            var line = _body[at..];
            var end = line.IndexOfAny((byte)'\r', (byte)'\n');
            if (end < 0 || !line[end..].StartsWith("\r\n"u8))
            {
                return Fail(end < 0 ? "it ends amid the head of a part" : "a line of a part's head does not end with CR and LF");
            }

            line = line[..end];
            at += end + 2;
            if (line.IsEmpty)
            {
                _at = at;
                return hasName || Fail("a part has no name");
            }

            var colon = line.IndexOf((byte)':');
            if (colon <= 0 || line[..colon].IndexOfAny(" \t"u8) >= 0)
            {
                return Fail("a line of a part's head is no header");
            }

            var value = line[(colon + 1)..].Trim(" \t"u8);
            if (Ascii.EqualsIgnoreCase(line[..colon], "content-disposition"u8))
            {
                if (hasName || !ReadDisposition(value))
                {
                    return Fail("a part's Content-Disposition must stand once, as 'form-data; name=\"…\"', without backslashes before quotes");
                }

                hasName = true;
            }
            else if (Ascii.EqualsIgnoreCase(line[..colon], "content-transfer-encoding"u8)
                && !(Ascii.EqualsIgnoreCase(value, "binary"u8) || Ascii.EqualsIgnoreCase(value, "8bit"u8) || Ascii.EqualsIgnoreCase(value, "7bit"u8)))
            {
                return Fail("a part has a Content-Transfer-Encoding, which RFC 7578 does without");
            }
        }

        return Fail($"the head of a part is longer than {LongestHead} bytes");
    }

    private bool ReadDisposition(ReadOnlySpan<byte> value)
    {
        const string Kind = "form-data";
        var hasName = false;
        IsFile = false;
        if (value.Length < Kind.Length || !Ascii.EqualsIgnoreCase(value[..Kind.Length], Kind))
        {
            return false;
        }

        for (value = value[Kind.Length..].TrimStart(" \t"u8); !value.IsEmpty; value = value.TrimStart(" \t"u8))
        {
            var equals = value.IndexOf((byte)'=');
            if (value[0] != ';' || equals < 0)
            {
                // A semicolon at the end says nothing.
                return hasName && value is [(byte)';'];
            }

            var name = value[1..equals].Trim(" \t"u8);
            value = value[(equals + 1)..].TrimStart(" \t"u8);
            var length = LengthOf(value);
            if (length < 0 || name.IndexOfAny("; \t\""u8) >= 0)
            {
                return false;
            }

            IsFile |= Ascii.EqualsIgnoreCase(name, "filename"u8) || Ascii.EqualsIgnoreCase(name, "filename*"u8);
            if (Ascii.EqualsIgnoreCase(name, "name"u8))
            {
                Name = value[0] == '"' ? value[1..(length - 1)] : value[..length];
                if (hasName || Name.IsEmpty || Name.IndexOfAny("\\'"u8) >= 0)
                {
                    return false;
                }

                hasName = true;
            }
            else if (Ascii.EqualsIgnoreCase(name, "name*"u8))
            {
                return false;
            }

            value = value[length..];
        }

        return hasName;
    }

    // Of a parameter's value, with its quotes; -1: it has no end, or one that only some readers see.
    private static int LengthOf(ReadOnlySpan<byte> value)
    {
        if (value is not [(byte)'"', ..])
        {
            var end = value.IndexOfAny("; \t\""u8);
            return end < 0 ? (value.IsEmpty ? -1 : value.Length) : value[end] == '"' || end == 0 ? -1 : end;
        }

        var quote = value[1..].IndexOf((byte)'"') + 1;
        return quote == 0 || value[quote - 1] == '\\' ? -1 : quote + 1;
    }

    private bool ReadContent()
    {
        var length = _body[_at..].IndexOf(_delimiter);
        if (length < 0)
        {
            return Fail("it ends before its last boundary");
        }

        if (!_body[_at..(_at + length)].EndsWith("\r\n"u8))
        {
            return Fail("its boundary stands amid a part");
        }

        Content = new Part(_at, length - 2);
        _at += length + _delimiter.Length;
        return true;
    }

    private bool Fail(string fault)
    {
        Fault = fault;
        return false;
    }
}
