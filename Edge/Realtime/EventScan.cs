using System.Buffers;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Realtime;

/// <summary>
/// Reads the provider's events while their bytes pass, in pieces of any size: the event's type and, of a response that is done, its status and usage, and the usage of a transcription, in tokens or seconds. It promises that nothing of a message is kept but
/// these, however large it is; what is no JSON tells nothing. One message after the other; see docs/realtime.md.
/// </summary>
internal sealed class EventScan
{
    private const int LongestName = 64;
    private const int LongestUsage = 4096;

    // At which depth an event has its own usage, and its response's.
    private const int OfEvent = 1;
    private const int OfResponse = 2;
    private static readonly SearchValues<byte> EndOfRun = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> Structure = SearchValues.Create("{}[]:,\""u8);

    private readonly byte[] _text = new byte[LongestName];
    private readonly byte[] _usage = new byte[LongestUsage];
    private int _textLength;
    private int _usageLength;
    private int _depth;
    private bool _isInString;
    private bool _isEscaped;
    private bool _isName;
    private bool _isCollected;
    private bool _isInResponse;
    private bool _isInUsage;
    private int _usageDepth;
    private Field _field;
    private RealtimeEventKind _kind;
    private bool _hasFailed;
    private long _bytes;

    private enum Field
    {
        Other,
        Type,
        Response,
        Status,
        Usage,
    }

    /// <summary>Reads on.</summary>
    /// <param name="bytes">The next bytes of a text message.</param>
    /// <param name="isEnd">Whether the message ends with them.</param>
    /// <returns>What the message tells, at its end; else nothing.</returns>
    public RealtimeEvent Read(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        _bytes += bytes.Length;
        while (!bytes.IsEmpty)
        {
            var taken = _isInString ? ReadString(bytes) : ReadStructure(bytes);
            if (_isInUsage)
            {
                Keep(bytes[..taken]);
            }

            // It has ended with its bracket, which was kept as its last byte.
            _isInUsage &= _depth > _usageDepth;
            bytes = bytes[taken..];
        }

        return isEnd ? End() : default;
    }

    private RealtimeEvent End()
    {
        var whose = _kind switch { RealtimeEventKind.Done => OfResponse, RealtimeEventKind.Transcribed => OfEvent, _ => 0 };
        var kept = whose == _usageDepth && _depth == 0 && _usageLength is > 0 and <= LongestUsage ? _usage.AsSpan(0, _usageLength) : default;
        var usage = kept.IsEmpty ? null : TokenUsage.Read(kept);
        var told = _depth == 0 ? new RealtimeEvent(_kind, usage, _hasFailed) : default;
        if (told.Kind is RealtimeEventKind.Transcribed)
        {
            told = told with { Bytes = _bytes, Seconds = usage is null && !kept.IsEmpty ? SoundLength.ReadUsage(kept) : null };
        }

        (_textLength, _usageLength, _usageDepth, _depth, _isInString, _isEscaped, _isName, _isCollected) = (0, 0, 0, 0, false, false, false, false);
        (_isInResponse, _isInUsage, _field, _kind, _hasFailed, _bytes) = (false, false, Field.Other, RealtimeEventKind.Other, false, 0);
        return told;
    }

    private int ReadString(ReadOnlySpan<byte> bytes)
    {
        if (_isEscaped)
        {
            _isEscaped = false;
            Collect(bytes[..1]);
            return 1;
        }

        var run = bytes.IndexOfAny(EndOfRun);
        if (run != 0)
        {
            run = run < 0 ? bytes.Length : run;
            Collect(bytes[..run]);
            return run;
        }

        if (bytes[0] == '\\')
        {
            _isEscaped = true;

            // No name or value that is looked for needs an escape.
            _isCollected = false;
            return 1;
        }

        _isInString = false;
        if (_isCollected)
        {
            Judge(_text.AsSpan(0, _textLength));
        }

        return 1;
    }

    private int ReadStructure(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOfAny(Structure);
        if (at != 0)
        {
            return at < 0 ? bytes.Length : at;
        }

        switch (bytes[0])
        {
            case (byte)'"':
                _isInString = true;
                _textLength = 0;
                _isCollected = IsLookedAt && (_isName || _field is Field.Type or Field.Status);
                break;
            case (byte)'{' or (byte)'[':
                Open(isObject: bytes[0] == '{');
                break;
            case (byte)'}' or (byte)']':
                _depth = Math.Max(0, _depth - 1);
                _isInResponse &= _depth > 1;
                _isName = false;
                break;
            case (byte)',':
                _isName = IsLookedAt;
                _field = IsLookedAt ? Field.Other : _field;
                break;
            default:
                _isName = false;
                break;
        }

        return 1;
    }

    // The event itself, and the response in it.
    private bool IsLookedAt => _depth == 1 || (_depth == 2 && _isInResponse);

    private void Open(bool isObject)
    {
        _isInResponse |= isObject && _depth == 1 && _field is Field.Response;
        if (isObject && _field is Field.Usage && IsLookedAt && _depth >= _usageDepth)
        {
            (_isInUsage, _usageDepth, _usageLength) = (true, _depth, 0);
        }

        _depth++;
        _isName = isObject && IsLookedAt;
        _field = IsLookedAt ? Field.Other : _field;
    }

    private void Judge(ReadOnlySpan<byte> text)
    {
        if (_isName)
        {
            _field = _depth == 1
                ? text.SequenceEqual("type"u8) ? Field.Type : text.SequenceEqual("response"u8) ? Field.Response : text.SequenceEqual("usage"u8) ? Field.Usage : Field.Other
                : text.SequenceEqual("status"u8) ? Field.Status : text.SequenceEqual("usage"u8) ? Field.Usage : Field.Other;
        }
        else if (_depth == 1)
        {
            _kind = text.SequenceEqual("response.created"u8) ? RealtimeEventKind.Created
                : text.SequenceEqual("response.done"u8) ? RealtimeEventKind.Done
                : text.SequenceEqual("conversation.item.input_audio_transcription.completed"u8) ? RealtimeEventKind.Transcribed
                : RealtimeEventKind.Other;
        }
        else
        {
            _hasFailed = text.SequenceEqual("failed"u8);
        }
    }

    private void Collect(ReadOnlySpan<byte> bytes)
    {
        if (!_isCollected)
        {
            return;
        }

        if (_textLength + bytes.Length > LongestName)
        {
            _isCollected = false;
            return;
        }

        bytes.CopyTo(_text.AsSpan(_textLength));
        _textLength += bytes.Length;
    }

    // One that is longer than any usage is told as none.
    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_usageLength + bytes.Length > LongestUsage)
        {
            _usageLength = LongestUsage + 1;
        }
        else
        {
            bytes.CopyTo(_usage.AsSpan(_usageLength));
            _usageLength += bytes.Length;
        }
    }
}
