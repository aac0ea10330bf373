using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Sluice.Edge.Upstreams.Http1;

/// <summary>
/// One connection to an upstream over HTTP/1.1, and the answer that it is reading. It never stops receiving: while it is idle, what completes the receive is the upstream's
/// closing, which is thus seen without asking; during a request it is the answer's first bytes. A request is cancelled by closing the connection.
/// </summary>
internal sealed class Http1Connection : UpstreamAnswer
{
    private const int MostHead = 64 * 1024;
    private readonly Http1Pool _pool;
    private readonly Socket _socket;
    private readonly ResponseHead _head = new();
    private byte[] _buffer = new byte[16 * 1024];
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

    public override bool IsEventStream
    {
        get
        {
            foreach (var line in _head.Lines)
            {
                if (line.Name.Equals("content-type", StringComparison.OrdinalIgnoreCase))
                {
                    var parameters = line.Value.IndexOf(';', StringComparison.Ordinal);
                    var type = parameters < 0 ? line.Value : line.Value.AsSpan(0, parameters);
                    return type.Trim().Equals("text/event-stream", StringComparison.OrdinalIgnoreCase);
                }
            }

            return false;
        }
    }

    /// <summary>Sends a request and reads the head of its answer.</summary>
    /// <param name="head">The request's head, and its body where it is small.</param>
    /// <param name="body">The rest of the body.</param>
    /// <param name="isHead">Whether the request is HEAD.</param>
    /// <param name="cancellation">Ends the exchange at any time till the answer is let go of.</param>
    /// <exception cref="IOException">The upstream broke off, or its answer cannot be trusted.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async ValueTask ExchangeAsync(ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> body, bool isHead, CancellationToken cancellation)
    {
        (_start, _end, _hasEnded, _cancelled) = (0, 0, false, cancellation);
        _cancel = cancellation.UnsafeRegister(static state => ((Http1Connection)state!)._socket.Dispose(), this);
        try
        {
            await SendAsync(head);
            if (!body.IsEmpty)
            {
                await SendAsync(body);
            }

            await ReadHeadAsync(isHead);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Failure(e);
        }
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

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        try
        {
            return Framing switch
            {
                Framing.Length => await ReadLengthAsync(buffer),
                Framing.Chunked => await ReadChunkedAsync(buffer),
                Framing.UntilClose => await ReadRestAsync(buffer),
                _ => 0,
            };
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Failure(e);
        }
    }

    /// <summary>Lets go of the answer: what was read to its end leaves the connection for the next request.</summary>
    public override void Dispose()
    {
        _cancel.Dispose();
        if (_hasEnded && _head.IsReusable && _start == _end && !_cancelled.IsCancellationRequested)
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

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None)..];
        }
    }

    private async ValueTask ReadHeadAsync(bool isHead)
    {
        var received = await _receiving;
        while (true)
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
                    return;
                }
            }

            if (_end - _start > MostHead)
            {
                throw new MalformedAnswerException("its head is larger than 64 KiB");
            }

            MakeRoom();
            received = await _socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None);
        }
    }

    private void Begin()
    {
        _chunks = default;
        _remaining = Framing is Framing.Length ? Length!.Value : 0;
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

    private async ValueTask<int> ReadLengthAsync(Memory<byte> to)
    {
        if (_hasEnded)
        {
            return 0;
        }

        to = to[..(int)Math.Min(to.Length, _remaining)];
        var count = TakeHeld(to.Span);
        if (count == 0 && (count = await _socket.ReceiveAsync(to, SocketFlags.None)) == 0)
        {
            throw new IOException("The upstream closed the connection amid its answer.");
        }

        _remaining -= count;
        _hasEnded = _remaining == 0;
        return count;
    }

    private async ValueTask<int> ReadChunkedAsync(Memory<byte> to)
    {
        while (!_hasEnded)
        {
            if (_start == _end)
            {
                (_start, _end) = (0, await _socket.ReceiveAsync(_buffer.AsMemory(), SocketFlags.None));
                if (_end == 0)
                {
                    throw new IOException("The upstream closed the connection amid its answer.");
                }
            }

            _chunks.Read(_buffer.AsSpan(_start, _end - _start), to.Span, out var taken, out var given);
            _start += taken;
            _hasEnded = _chunks.IsEnd;
            if (given > 0)
            {
                return given;
            }
        }

        return 0;
    }

    private async ValueTask<int> ReadRestAsync(Memory<byte> to)
    {
        var count = TakeHeld(to.Span);
        return count > 0 ? count : await _socket.ReceiveAsync(to, SocketFlags.None);
    }

    private int TakeHeld(Span<byte> to)
    {
        var count = Math.Min(to.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(to);
        _start += count;
        return count;
    }

    // A closed socket is the form in which a cancellation arrives.
    private Exception Failure(Exception cause) => _cancelled.IsCancellationRequested
        ? new OperationCanceledException("The request was cancelled.", cause, _cancelled)
        : new IOException("The connection to the upstream broke.", cause);
}
