namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>
/// Finds where server-sent events end, in bytes that come in pieces cut anywhere: at an empty line, with lines that end in LF, CRLF or CR
/// (https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream). Each byte is looked at once.
/// </summary>
internal struct SseFraming
{
    private bool _lineHasBytes;

    /// <summary>Whether the last byte was a CR: an LF that follows belongs to the same line end.</summary>
    public bool AwaitsLineFeed { get; private set; }

    /// <summary>Takes note of an LF that followed a CR.</summary>
    public void SkipLineFeed() => AwaitsLineFeed = false;

    /// <summary>Looks on in what came next; <paramref name="length"/> counts to behind the empty line that ended an event.</summary>
    public bool TryFindEnd(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        while (length < bytes.Length)
        {
            if (AwaitsLineFeed)
            {
                AwaitsLineFeed = false;
                if (bytes[length] == '\n')
                {
                    length++;
                    continue;
                }
            }

            var end = bytes[length..].IndexOfAny((byte)'\r', (byte)'\n');
            if (end < 0)
            {
                _lineHasBytes = true;
                return false;
            }

            var isEmpty = end == 0 && !_lineHasBytes;
            length += end + 1;
            AwaitsLineFeed = bytes[length - 1] == '\r';
            _lineHasBytes = false;
            if (isEmpty)
            {
                TakeLineFeed(bytes, ref length);
                return true;
            }
        }

        return false;
    }

    private void TakeLineFeed(ReadOnlySpan<byte> bytes, ref int length)
    {
        if (AwaitsLineFeed && length < bytes.Length)
        {
            AwaitsLineFeed = false;
            length += bytes[length] == '\n' ? 1 : 0;
        }
    }
}
