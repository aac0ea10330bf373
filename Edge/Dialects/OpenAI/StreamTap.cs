using System.Buffers;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>
/// Reads a stream of server-sent events while its bytes pass: the usage, how much text went by, whether it came to its end. Events go out whole, in the
/// read in which they were completed, and unchanged; the one that carries nothing but usage is left out where the caller did not ask for it.
/// A stream that goes beyond its bound ends with the event that did so. What it finds and what it passes on does not depend on where the bytes were cut. See docs/architecture.md.
/// </summary>
/// <param name="hideUsage">Whether the event with nothing but usage is left out.</param>
/// <param name="bound">What it may have; null: nothing bounds it.</param>
/// <param name="dialect">What it is in; null: OpenAI's.</param>
/// <param name="translation">Writes it in another dialect; null: it passes as it is.</param>
/// <param name="mayBeCut">Whether <see cref="Cut"/> may be called.</param>
internal sealed class StreamTap(bool hideUsage, StreamBound? bound = null, Dialect? dialect = null, StreamTranslation? translation = null, bool mayBeCut = false) : IDisposable
{
    /// <summary>A longer event, in bytes, is passed on as it comes, unread: memory stays bounded. Those after it are read again.</summary>
    public const int LongestEvent = 1024 * 1024;

    private readonly Dialect _dialect = dialect ?? DialectTable.OpenAI;
    private readonly SseData _data = new();
    private SseFraming _framing;
    private byte[] _held = [];
    private int _heldLength;
    private bool _isAmidLongEvent;
    private bool _leftOut;
    private readonly long _unjudged = bound?.UnjudgedBytes ?? long.MaxValue;
    private long _wordBytes;
    private byte[]? _last;
    private byte[]? _first;
    private long _toldOutput;
    private long _textWhenTold;
    private byte[]? _edited;

    /// <summary>Looks at each event before it is read, and may end the stream by an exception; null: nobody does.</summary>
    public EventJudge? Judge { get; init; }

    /// <summary>Changes the data of events before they go out; null: they go out as they came. An event that is longer than <see cref="LongestEvent"/> is not changed.</summary>
    public EventEdit? Edit { get; init; }

    /// <summary>The last usage that was told.</summary>
    public TokenCounts? Usage { get; private set; }

    /// <summary>Whether an event said that it was served at the provider's batch rate.</summary>
    public bool IsBatch { get; private set; }

    /// <summary>Whether an event with data came: comments are no beginning.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The timestamp of that; 0: none came.</summary>
    public long BegunAt { get; private set; }

    /// <summary>Tells <see cref="BegunAt"/>.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Whether <c>[DONE]</c> came.</summary>
    public bool Done { get; private set; }

    /// <summary>Bytes of text in the events so far: an upper bound of the tokens of what was passed on.</summary>
    public long TextBytes { get; private set; }

    /// <summary>Events so far that had words.</summary>
    public long WordEvents { get; private set; }

    /// <summary>Answers that have told why they ended, a bit each.</summary>
    public UInt128 Finished { get; private set; }

    /// <summary>Whether it went beyond its bound: nothing more is passed on.</summary>
    public bool IsCut => _last is not null;

    /// <summary>Whether nothing more is to come that could be cut.</summary>
    public bool IsOver => Done || IsCut || bound?.AreAllFinished(Finished) is true;

    /// <summary>The most output tokens that can have come: what the provider told last, and a token a byte of text since.</summary>
    public long OutputSeen => Math.Max(WordEvents, _toldOutput + TextBytes - _textWhenTold);

    /// <summary>Ends it after what has passed: nothing more is passed on.</summary>
    public void Cut() => _last ??= _first ?? [];

    /// <summary>The data of an event of it, of which it was cut; empty before.</summary>
    public ReadOnlyMemory<byte> Last => _last;

    /// <summary>Whether what was written ends amid an event, so that nothing can follow on its line.</summary>
    public bool IsAmidEvent => _isAmidLongEvent;

    /// <summary>Takes what came and writes what may go.</summary>
    public void Pass(ReadOnlySpan<byte> came, IBufferWriter<byte> output)
    {
        if (_framing.AwaitsLineFeed && _heldLength == 0 && !_isAmidLongEvent && came is [(byte)'\n', ..])
        {
            // The rest of the last event's line end shares its fate.
            output.Write(_leftOut ? default : came[..1]);
            came = came[1..];
            _framing.SkipLineFeed();
        }

        var looked = _heldLength;
        if (looked > 0)
        {
            Hold(came);
            came = _held.AsSpan(0, _heldLength);
        }

        var used = PassEvents(came, looked, output);
        if (_isAmidLongEvent)
        {
            TextBytes += came.Length;
            output.Write(came);
            _heldLength = 0;
        }
        else if (looked > 0)
        {
            came[used..].CopyTo(_held);
            _heldLength = came.Length - used;
        }
        else
        {
            Hold(came[used..]);
        }

        if (_heldLength > LongestEvent)
        {
            translation?.Refuse(LongestEvent);
            _isAmidLongEvent = true;
            Begin();
            TextBytes += _heldLength;
            output.Write(_held.AsSpan(0, _heldLength));
            _heldLength = 0;
        }
    }

    /// <summary>Writes what was still held: the stream has ended, with or without its last empty line.</summary>
    public void End(IBufferWriter<byte> output)
    {
        var last = _held.AsSpan(0, _heldLength);
        (_edited, _leftOut) = (null, false);
        if (!last.IsEmpty && !IsCut && Read(last, output))
        {
            output.Write(_edited is null ? last : default);
            WriteEdited(last, output);
        }

        _heldLength = 0;
    }

    public void Dispose()
    {
        if (_held.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_held);
            _held = [];
        }
    }

    // Events that follow each other and stay are written at once.
    private int PassEvents(ReadOnlySpan<byte> bytes, int looked, IBufferWriter<byte> output)
    {
        var written = 0;
        var begin = 0;
        while (!IsCut && _framing.TryFindEnd(bytes[looked..], out var length))
        {
            var end = looked + length;
            _edited = null;
            _leftOut = !Take(bytes[begin..end], output);
            if (_leftOut || _edited is not null)
            {
                output.Write(bytes[written..begin]);
                WriteEdited(bytes[begin..end], output);
                written = end;
            }

            begin = looked = end;
        }

        output.Write(bytes[written..begin]);
        return begin;
    }

    // What goes out in the place of an event that was changed: its other lines stay.
    private void WriteEdited(ReadOnlySpan<byte> sse, IBufferWriter<byte> output)
    {
        if (_leftOut || _edited is null)
        {
            return;
        }

        var data = _data.Read(sse);
        var at = sse.IndexOf(data);
        output.Write(at < 0 ? "data: "u8 : sse[..at]);
        if (at < 0)
        {
            // It came in several lines; line feeds stand between tokens only.
            _edited.AsSpan().Replace((byte)'\n', (byte)' ');
        }

        output.Write(_edited);
        output.Write(at < 0 ? "\n\n"u8 : sse[(at + data.Length)..]);
    }

    // False: the event is to be left out.
    private bool Take(ReadOnlySpan<byte> sse, IBufferWriter<byte> output)
    {
        if (!_isAmidLongEvent && sse.Length <= LongestEvent)
        {
            return Read(sse, output);
        }

        translation?.Refuse(LongestEvent);
        _isAmidLongEvent = false;
        Begin();
        TextBytes += sse.Length;
        return true;
    }

    private void Begin()
    {
        if (!HasBegun)
        {
            (HasBegun, BegunAt) = (true, Clock.GetTimestamp());
        }
    }

    private bool Read(ReadOnlySpan<byte> sse, IBufferWriter<byte> output)
    {
        var data = _data.Read(sse);
        if (data.IsEmpty)
        {
            // Comments are of no dialect; before the first event they leave it to another target to answer.
            return (HasBegun || Judge is null) && (translation is null || sse is [(byte)':', ..]);
        }

        Begin();
        Judge?.Invoke(data);
        _edited = Edit?.Invoke(data);
        var facts = _dialect.ReadFacts(data);
        Usage = _dialect.Merge(Usage, facts.Usage);
        IsBatch |= facts.IsBatch;
        TextBytes += facts.TextBytes;
        WordEvents += facts.WordBytes > 0 ? 1 : 0;
        Finished |= facts.Finished;
        _wordBytes += facts.WordBytes;
        translation?.Take(data, output);
        if (mayBeCut && (_first is null || _dialect.OpensPart(data)))
        {
            _first = _edited ?? data.ToArray();
        }

        if (facts.Usage is { } told)
        {
            (_toldOutput, _textWhenTold) = (told.Output, TextBytes);
        }

        if ((_wordBytes > _unjudged || facts.Usage is not null) && IsBeyond(facts))
        {
            _last = _edited ?? data.ToArray();
            return translation is null;
        }

        if (data.TrimEnd((byte)' ').EndsWith("[DONE]"u8))
        {
            Done = true;
            return translation is null;
        }

        return translation is null && !(hideUsage && facts.IsUsageOnly);
    }

    // Usage that is told with words is of what was made so far; that of the last event judges nothing any more.
    private bool IsBeyond(in AnswerFacts facts) => bound is { } most && !most.AreAllFinished(Finished)
        && (most.IsPassedBy(_wordBytes, WordEvents) || (facts.WordBytes > 0 && facts.Usage?.Output > most.Tokens));

    private void Hold(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        if (_heldLength + bytes.Length > _held.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent((_heldLength + bytes.Length) * 2);
            _held.AsSpan(0, _heldLength).CopyTo(larger);
            if (_held.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_held);
            }

            _held = larger;
        }

        bytes.CopyTo(_held.AsSpan(_heldLength));
        _heldLength += bytes.Length;
    }
}
