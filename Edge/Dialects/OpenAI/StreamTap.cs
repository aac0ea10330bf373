using System.Buffers;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>
/// Reads a stream of server-sent events while its bytes pass: the usage, how much text went by, whether it came to its end. Events go out whole, in the
/// read in which they were completed, and unchanged; the one that carries nothing but usage is left out where the caller did not ask for it.
/// </summary>
internal sealed class StreamTap(bool hideUsage) : IDisposable
{
    // Past this an event is passed on as it comes, unread: no provider sends such, and memory stays bounded.
    private const int LongestEvent = 1024 * 1024;

    private byte[] _held = [];
    private int _heldLength;
    private bool _passing;

    /// <summary>The last usage that was told.</summary>
    public TokenUsage? Usage { get; private set; }

    /// <summary>Whether <c>[DONE]</c> came.</summary>
    public bool Done { get; private set; }

    /// <summary>Bytes of text in the events so far.</summary>
    public long TextBytes { get; private set; }

    /// <summary>Takes what came and writes what may go.</summary>
    public void Pass(ReadOnlySpan<byte> came, IBufferWriter<byte> output)
    {
        if (_passing)
        {
            output.Write(came);
            return;
        }

        if (_heldLength > 0)
        {
            Hold(came);
            came = _held.AsSpan(0, _heldLength);
        }

        var used = PassEvents(came, output);
        if (_heldLength > 0)
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
            _passing = true;
            End(output);
        }
    }

    /// <summary>Writes what was still held: the stream has ended.</summary>
    public void End(IBufferWriter<byte> output)
    {
        if (_heldLength > 0)
        {
            var last = _held.AsSpan(0, _heldLength);
            var keep = _passing || Read(last);
            if (keep)
            {
                output.Write(last);
            }

            _heldLength = 0;
        }
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
    private int PassEvents(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        var written = 0;
        var begin = 0;
        while (EndOfEvent(bytes[begin..]) is var length and > 0)
        {
            if (!Read(bytes.Slice(begin, length)))
            {
                output.Write(bytes[written..begin]);
                written = begin + length;
            }

            begin += length;
        }

        output.Write(bytes[written..begin]);
        return begin;
    }

    // The length of the first event with the empty line that ends it, or 0 where it is not complete.
    private static int EndOfEvent(ReadOnlySpan<byte> bytes)
    {
        var from = 0;
        while (bytes[from..].IndexOf((byte)'\n') is var at and >= 0)
        {
            var next = from + at + 1;
            if (next < bytes.Length && bytes[next] == '\n')
            {
                return next + 1;
            }

            if (next + 1 < bytes.Length && bytes[next] == '\r' && bytes[next + 1] == '\n')
            {
                return next + 2;
            }

            from = next;
        }

        return 0;
    }

    // False: the event is to be left out.
    private bool Read(ReadOnlySpan<byte> sse)
    {
        var keep = true;
        foreach (var range in sse.Split((byte)'\n'))
        {
            var line = sse[range];
            if (!line.StartsWith("data:"u8))
            {
                continue;
            }

            var data = line["data:"u8.Length..].Trim(" \r"u8);
            if (data.SequenceEqual("[DONE]"u8))
            {
                Done = true;
                continue;
            }

            var facts = AnswerFacts.Read(data);
            Usage = facts.Usage ?? Usage;
            TextBytes += facts.TextBytes;
            keep &= !(hideUsage && facts.NoChoices && facts.Usage is not null);
        }

        return keep;
    }

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
