using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Memory;

namespace Sluice.Edge.Upstreams.Http1;

/// <summary>
/// One connection to an upstream over HTTP/1.1, and the answer that it is reading. It never stops receiving: while it is idle, what completes the receive is the upstream's
/// closing, which is thus seen without asking; during a request it is the answer's first bytes. A request is cancelled by closing the connection.
/// </summary>
internal sealed class Http1Connection : UpstreamAnswer
{
    private const int MostHead = 64 * 1024;

    // An idle stream holds it; one that fills it gets a larger one.
    private const int SmallBuffer = 4 * 1024;
    private const int LargeBuffer = 16 * 1024;
    private readonly Http1Pool _pool;
    private readonly Socket _socket;
    private readonly ResponseHead _head = new();
    private byte[] _buffer = new byte[SmallBuffer];
    private ValueTask<int> _receiving;
    private ChunkedBody _chunks;
    private CancellationTokenRegistration _cancel;
    private CancellationToken _cancelled;
    private long _remaining;
    private int _start;
    private int _end;
    private bool _hasEnded;

    public Http1Connection(Http1Pool pool, Socket socket, long born)
    {
        (_pool, _socket, Born, IdleSince) = (pool, socket, born, born);
        Receive();
    }

    /// <summary>When it was connected.</summary>
    public long Born { get; }

    /// <summary>When its last answer ended.</summary>
    public long IdleSince { get; set; }

    /// <summary>Whether it was open a moment ago; asked of idle connections only.</summary>
    public bool IsOpen => !_receiving.IsCompleted;

    /// <summary>Whether anything of an answer has come.</summary>
    public bool HasBegun => _end > 0;

    /// <summary>The answer's headers.</summary>
    public ReadOnlySpan<HeaderLine> Headers => _head.Lines;

    /// <summary>How the answer's body ends.</summary>
    public Framing Framing => _head.Framing;

    public override int Status => _head.Status;

    public override long? Length => _head.Length;

    public override bool IsEventStream => Header("content-type") is { } type
        && type.AsSpan(0, type.IndexOf(';', StringComparison.Ordinal) is >= 0 and var parameters ? parameters : type.Length).Trim().Equals("text/event-stream", StringComparison.OrdinalIgnoreCase);

    /// <summary>Sends a request and reads the head of its answer.</summary>
    /// <param name="head">The request's head, and its body where it is small.</param>
    /// <param name="body">The rest of the body.</param>
    /// <param name="isHead">Whether the request is HEAD.</param>
    /// <param name="cancellation">Ends the exchange at any time till the answer is let go of.</param>
    /// <exception cref="IOException">The upstream broke off, or its answer cannot be trusted.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ExchangeAsync(ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> body, bool isHead, CancellationToken cancellation)
    {
        (_start, _end, _hasEnded, _cancelled) = (0, 0, false, cancellation);
        _cancel = cancellation.UnsafeRegister(static state => ((Http1Connection)state!)._socket.Dispose(), this);
        try
        {
            for (var rest = head; !rest.IsEmpty;)
            {
                rest = rest[await _socket.SendAsync(rest, SocketFlags.None)..];
            }

            for (var rest = body; !rest.IsEmpty;)
            {
                rest = rest[await _socket.SendAsync(rest, SocketFlags.None)..];
            }

            var received = await _receiving;
            while (!TryReadHead(received, isHead))
            {
                received = await _socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Failure(e);
        }
    }

    public override string? Header(string name)
    {
        foreach (var line in _head.Lines)
        {
            if (line.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return line.Value;
            }
        }

        return null;
    }

    public override void CopyHeadersTo(HttpResponse response)
    {
        foreach (var line in _head.Lines)
        {
            if (line.PassesFromProvider)
            {
                Put(response, line);
            }
        }
    }

    /// <summary>Puts a header beside those of its name.</summary>
    public static void Put(HttpResponse response, HeaderLine line)
    {
        var headers = response.Headers;
        if (!headers.TryAdd(line.Name, line.Value))
        {
            headers.Append(line.Name, line.Value);
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        // What came with the head, or in the same piece, is at hand.
        var count = TakeHeld(buffer.Span);
        return count > 0 || _hasEnded ? new ValueTask<int>(count) : ReceiveAsync(buffer);
    }

    /// <summary>Lets go of the answer: what was read to its end leaves the connection for the next request.</summary>
    public override void Cancel()
    {
        _hasEnded = false;
        Close();
    }

    public override void Dispose()
    {
        _cancel.Dispose();
        // An idle socket holds what was sent by it last: too much while memory is full.
        if (_hasEnded && _head.IsReusable && _start == _end && !_cancelled.IsCancellationRequested && !ReturnedBuffers.AreDropped)
        {
            Receive();
            _pool.Return(this);
        }
        else
        {
            Close();
        }
    }

    /// <summary>Closes it, whatever it does.</summary>
    public void Close()
    {
        _cancel.Dispose();
        _socket.Dispose();
    }

    private void Receive()
    {
        (_start, _end) = (0, 0);
        _receiving = _socket.ReceiveAsync(_buffer.AsMemory(), SocketFlags.None);
    }

    // False: more of it has to come, and there is room for it.
    private bool TryReadHead(int received, bool isHead)
    {
        if (received == 0)
        {
            throw new IOException("The upstream closed the connection before it answered.");
        }

        _end += received;
        while (_head.TryRead(_buffer.AsSpan(_start, _end - _start), isHead, out var length))
        {
            _start += length;
            if (_head.Status is 101)
            {
                throw new MalformedAnswerException("it switches protocols unasked");
            }

            if (_head.Status >= 200)
            {
                Begin();
                return true;
            }
        }

        if (_end - _start > MostHead)
        {
            throw new MalformedAnswerException("its head is larger than 64 KiB");
        }

        MakeRoom();
        return false;
    }

    private void Begin()
    {
        _chunks = default;
        _remaining = Framing switch { Framing.Length => Length!.Value, Framing.UntilClose => long.MaxValue, _ => 0 };
        _hasEnded = Framing is Framing.None;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync(Memory<byte> to)
    {
        try
        {
            while (true)
            {
                // Chunks are taken apart on the way; other bodies need no step between.
                var isDirect = Framing is not Framing.Chunked;
                if (!isDirect && _end == _buffer.Length && _end < LargeBuffer)
                {
                    _buffer = new byte[LargeBuffer];
                }

                var received = await _socket.ReceiveAsync(isDirect ? to[..(int)Math.Min(to.Length, _remaining)] : _buffer, SocketFlags.None);
                if (received == 0)
                {
                    return Framing is Framing.UntilClose ? 0 : throw new IOException("The upstream closed the connection amid its answer.");
                }

                if (isDirect)
                {
                    Count(received);
                    return received;
                }

                (_start, _end) = (0, received);
                if (TakeHeld(to.Span) is var count && (count > 0 || _hasEnded))
                {
                    return count;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Failure(e);
        }
    }

    private int TakeHeld(Span<byte> to)
    {
        if (Framing is Framing.Chunked)
        {
            _chunks.Read(_buffer.AsSpan(_start, _end - _start), to, out var taken, out var given);
            _start += taken;
            _hasEnded = _chunks.IsEnd;
            return given;
        }

        var count = (int)Math.Min(Math.Min(to.Length, _remaining), _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(to);
        _start += count;
        Count(count);
        return count;
    }

    private void Count(int bytes)
    {
        _remaining -= bytes;
        _hasEnded = _remaining == 0;
    }

    // A closed socket is the form in which a cancellation arrives.
    private Exception Failure(Exception cause) => _cancelled.IsCancellationRequested
        ? new OperationCanceledException("The request was cancelled.", cause, _cancelled)
        : new IOException("The connection to the upstream broke.", cause);
}
