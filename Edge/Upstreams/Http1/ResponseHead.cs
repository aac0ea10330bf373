using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Sluice.Edge.Upstreams.Http1;

/// <summary>How the end of a body is found (RFC 9112 §6.3).</summary>
internal enum Framing
{
    /// <summary>There is no body.</summary>
    None,

    /// <summary>By its length.</summary>
    Length,

    /// <summary>By its last chunk.</summary>
    Chunked,

    /// <summary>By the end of the connection.</summary>
    UntilClose,
}

/// <summary>
/// Reads the head of an answer (RFC 9112 §4 to §6) and keeps its texts: one object reads the answers of one connection one after another, and lines that are as they were in
/// the answer before give the same strings. What could be read in two ways is refused: lengths that differ, a length beside an encoding, any encoding but one <c>chunked</c>, folded lines.
/// </summary>
internal sealed class ResponseHead
{
    private const int MostLines = 256;
    private static readonly SearchValues<byte> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
    private static readonly SearchValues<byte> NeverInValues = SearchValues.Create("\0\r"u8);
    private HeaderLine[] _lines = [];
    private bool _closes;
    private bool _keepsAlive;
    private bool _is10;
    private bool _chunked;
    private long? _length;

    /// <summary>The status, 100 to 999.</summary>
    public int Status { get; private set; }

    /// <summary>How the body ends.</summary>
    public Framing Framing { get; private set; }

    /// <summary>The length that was told, also where no body follows; null where none was.</summary>
    public long? Length => _length;

    /// <summary>Whether another answer may follow on the connection.</summary>
    public bool IsReusable => Framing is not Framing.UntilClose && !_closes && (!_is10 || _keepsAlive);

    /// <summary>The header lines.</summary>
    public ReadOnlySpan<HeaderLine> Lines => _lines.AsSpan(0, Count);

    private int Count { get; set; }

    /// <summary>Reads from the start of <paramref name="bytes"/>; false where the head is not complete yet, and then nothing counts.</summary>
    /// <param name="bytes">All that has come.</param>
    /// <param name="answersHead">Whether the request was HEAD: no body follows.</param>
    /// <param name="length">The head's length.</param>
    /// <exception cref="MalformedAnswerException">It is no head of an answer.</exception>
    public bool TryRead(ReadOnlySpan<byte> bytes, bool answersHead, out int length)
    {
        (Count, _closes, _keepsAlive, _chunked, _length, length) = (0, false, false, false, null, 0);
        if (!TryReadLine(bytes, ref length, out var line))
        {
            return bytes.Length < 5 || bytes.StartsWith("HTTP/"u8) ? false : throw new MalformedAnswerException("it does not begin with HTTP/1.1");
        }

        ReadStatus(line);
        while (TryReadLine(bytes, ref length, out line))
        {
            if (line.IsEmpty)
            {
                Framing = FindFraming(answersHead);
                return true;
            }

            ReadHeader(line);
        }

        return false;
    }

    private static bool TryReadLine(ReadOnlySpan<byte> bytes, ref int at, out ReadOnlySpan<byte> line)
    {
        var end = bytes[at..].IndexOf((byte)'\n');
        line = end < 0 ? default : bytes.Slice(at, end);
        at += end + 1;
        line = line is [.., (byte)'\r'] ? line[..^1] : line;
        return end >= 0;
    }

    private void ReadStatus(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith("HTTP/1."u8) || line.Length < 12 || line[7] is not ((byte)'0' or (byte)'1') || line[8] != ' '
            || !Utf8Parser.TryParse(line.Slice(9, 3), out int status, out var digits) || digits != 3 || status < 100 || (line.Length > 12 && line[12] != ' '))
        {
            throw new MalformedAnswerException("its status line is none");
        }

        (Status, _is10) = (status, line[7] == '0');
    }

    private void ReadHeader(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        if (colon < 1 || line[..colon].ContainsAnyExcept(Token))
        {
            throw new MalformedAnswerException("a header has no name, or one that is folded or spaced");
        }

        if (line.ContainsAny(NeverInValues))
        {
            throw new MalformedAnswerException("a header holds NUL or a bare carriage return");
        }

        if (Count == _lines.Length)
        {
            if (Count == MostLines)
            {
                throw new MalformedAnswerException("it has more than 256 headers");
            }

            Array.Resize(ref _lines, Math.Max(16, Count * 2));
            for (var i = Count; i < _lines.Length; i++)
            {
                _lines[i] = new HeaderLine();
            }
        }

        var header = _lines[Count++];
        header.Set(line, colon);
        if (header.Kind is not HeaderKind.Other)
        {
            Judge(header);
        }
    }

    private void Judge(HeaderLine header)
    {
        switch (header.Kind)
        {
            case HeaderKind.Length:
                if (!long.TryParse(header.Value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var length) || (_length is { } other && other != length))
                {
                    throw new MalformedAnswerException("its length is no number, or told twice");
                }

                _length = length;
                break;
            case HeaderKind.Encoding when _chunked || !header.Value.Equals("chunked", StringComparison.OrdinalIgnoreCase):
                throw new MalformedAnswerException("its transfer encoding is not one 'chunked'");
            case HeaderKind.Encoding:
                _chunked = true;
                break;
            default:
                foreach (var option in header.Value.AsSpan().Split(','))
                {
                    var word = header.Value.AsSpan(option).Trim();
                    _closes |= word.Equals("close", StringComparison.OrdinalIgnoreCase);
                    _keepsAlive |= word.Equals("keep-alive", StringComparison.OrdinalIgnoreCase);
                }

                break;
        }
    }

    private Framing FindFraming(bool answersHead)
    {
        if (_chunked && (_length is not null || _is10))
        {
            throw new MalformedAnswerException("it has a transfer encoding beside a length, or in HTTP/1.0");
        }

        return answersHead || Status is < 200 or 204 or 304 ? Framing.None
            : _chunked ? Framing.Chunked
            : _length is not { } length ? Framing.UntilClose
            : length == 0 ? Framing.None
            : Framing.Length;
    }
}

/// <summary>What a header says of the message itself.</summary>
internal enum HeaderKind
{
    Other,
    Length,
    Encoding,
    Connection,
}

/// <summary>One header of an answer; it keeps its strings while the same bytes come again.</summary>
internal sealed class HeaderLine
{
    private byte[] _line = [];
    private int _length;

    /// <summary>The name as it was written.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The value, without space around it; bytes as Latin-1.</summary>
    public string Value { get; private set; } = "";

    /// <summary>What it says of the message.</summary>
    public HeaderKind Kind { get; private set; }

    /// <summary>Whether a model provider's header goes to the client.</summary>
    public bool PassesFromProvider { get; private set; }

    /// <summary>Whether a plain upstream's header goes to the client.</summary>
    public bool PassesFromUpstream { get; private set; }

    /// <summary>Whether it tells what is left of a rate.</summary>
    public bool IsOfRates { get; private set; }

    /// <summary>Takes a line; nothing is made anew where it is the one that it was.</summary>
    public void Set(ReadOnlySpan<byte> line, int colon)
    {
        if (line.SequenceEqual(_line.AsSpan(0, _length)))
        {
            return;
        }

        var name = Encoding.Latin1.GetString(line[..colon]);
        if (!string.Equals(name, Name, StringComparison.Ordinal))
        {
            Name = name;
            Kind = name.Equals("content-length", StringComparison.OrdinalIgnoreCase) ? HeaderKind.Length
                : name.Equals("transfer-encoding", StringComparison.OrdinalIgnoreCase) ? HeaderKind.Encoding
                : name.Equals("connection", StringComparison.OrdinalIgnoreCase) ? HeaderKind.Connection
                : HeaderKind.Other;
            PassesFromProvider = Sluice.Revisions.Forwarding.HeaderRules.PassesFromProvider(name);
            PassesFromUpstream = Sluice.Revisions.Forwarding.HeaderRules.PassesFromUpstream(name);
            IsOfRates = Sluice.Revisions.Forwarding.HeaderRules.IsOfRates(name);
        }

        Value = Encoding.Latin1.GetString(line[(colon + 1)..].Trim(" \t"u8));
        if (_line.Length < line.Length)
        {
            _line = new byte[Math.Max(64, line.Length)];
        }

        line.CopyTo(_line);
        _length = line.Length;
    }
}
