namespace Sluice.Edge.Upstreams.Http1;

/// <summary>Takes a body out of its chunks (RFC 9112 §7.1), wherever the bytes are cut. Extensions and trailers are left out.</summary>
internal struct ChunkedBody
{
    // A size of more hexadecimal digits is no size; the rest of its line is an extension.
    private const int MostDigits = 15;
    private const int LongestLine = 4096;
    private State _state;
    private long _size;
    private int _digits;
    private int _lineLength;

    private enum State
    {
        Size,
        Extension,
        Data,
        DataEnd,
        TrailerStart,
        Trailer,
        End,
    }

    /// <summary>Whether the last chunk and the trailers after it were read.</summary>
    public readonly bool IsEnd => _state is State.End;

    /// <summary>Reads on: copies what is data into <paramref name="to"/> and tells how much was taken and given. Stops where the body ends or <paramref name="to"/> is full.</summary>
    /// <exception cref="MalformedAnswerException">These are no chunks.</exception>
    public void Read(ReadOnlySpan<byte> from, Span<byte> to, out int taken, out int given)
    {
        (taken, given) = (0, 0);
        while (taken < from.Length && !IsEnd)
        {
            if (_state is State.Data)
            {
                var count = (int)Math.Min(Math.Min(_size, from.Length - taken), to.Length - given);
                if (count == 0)
                {
                    return;
                }

                from.Slice(taken, count).CopyTo(to[given..]);
                taken += count;
                given += count;
                _size -= count;
                (_state, _lineLength) = _size == 0 ? (State.DataEnd, 0) : (State.Data, 0);
                continue;
            }

            Step(from[taken++]);
        }
    }

    private void Step(byte sign)
    {
        if (++_lineLength > LongestLine)
        {
            throw new MalformedAnswerException("a chunk's line is too long");
        }

        switch (_state)
        {
            case State.Size when Digit(sign) is >= 0 and var digit && _digits < MostDigits:
                (_size, _digits) = ((_size << 4) | (uint)digit, _digits + 1);
                break;
            case State.Size when _digits > 0 && sign is (byte)';' or (byte)' ' or (byte)'\t' or (byte)'\r':
                _state = State.Extension;
                break;
            case State.Size or State.Extension when _digits > 0 && sign == '\n':
                (_state, _digits, _lineLength) = (_size == 0 ? State.TrailerStart : State.Data, 0, 0);
                break;
            case State.Extension:
                break;
            case State.DataEnd when sign == '\r' && _lineLength == 1:
                break;
            case State.DataEnd when sign == '\n':
                (_state, _lineLength) = (State.Size, 0);
                break;
            case State.TrailerStart when sign == '\r':
                break;
            case State.TrailerStart when sign == '\n':
                _state = State.End;
                break;
            case State.TrailerStart or State.Trailer when sign == '\n':
                (_state, _lineLength) = (State.TrailerStart, 0);
                break;
            case State.TrailerStart or State.Trailer:
                _state = State.Trailer;
                break;
            default:
                throw new MalformedAnswerException("its chunks have no size or no end");
        }
    }

    private static int Digit(byte sign) => (char)sign switch
    {
        >= '0' and <= '9' and var c => c - '0',
        >= 'a' and <= 'f' and var c => c - 'a' + 10,
        >= 'A' and <= 'F' and var c => c - 'A' + 10,
        _ => -1,
    };
}
