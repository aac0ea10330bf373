using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.EndToEnd.Http2;

/// <summary>A connection of HTTP/2 without TLS on which a test writes any frame in any state, and reads what comes.</summary>
internal sealed class FramedConnection : IAsyncDisposable
{
    private const int HeaderSize = 9;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly MemoryStream _unsent = new();
    private readonly CancellationTokenSource _bound = new(Bound, TimeProvider.System);
    private NetworkStream _stream = null!;

    private FramedConnection()
    {
    }

    /// <summary>What every client begins with: RFC 9113 §3.4.</summary>
    public static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Connects, and begins as clients do; answers' headers are asked for without a table.</summary>
    public static async Task<FramedConnection> ConnectAsync(int port)
    {
        var connection = await ConnectBareAsync(port);
        connection.SendBytes(Preface);
        connection.Setting(1, 0);
        return connection;
    }

    /// <summary>Connects, and sends nothing.</summary>
    public static async Task<FramedConnection> ConnectBareAsync(int port)
    {
        var connection = new FramedConnection();
        await connection._socket.ConnectAsync(IPAddress.Loopback, port);
        connection._stream = new NetworkStream(connection._socket);
        return connection;
    }

    /// <summary>Adds bytes to what is sent next.</summary>
    public void SendBytes(ReadOnlySpan<byte> bytes) => _unsent.Write(bytes);

    /// <summary>Adds a frame to what is sent next.</summary>
    public void Send(FrameType type, byte flags, int stream, params ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        BinaryPrimitives.WriteInt32BigEndian(header, payload.Length << 8);
        header[3] = (byte)type;
        header[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(header[5..], stream);
        _unsent.Write(header);
        _unsent.Write(payload);
    }

    /// <summary>Adds HEADERS of a whole request without a body.</summary>
    public void Get(int stream, string path) => Headers(stream, Frame.EndHeaders | Frame.EndStream, HeaderBlock.Request(path));

    /// <summary>Adds HEADERS of a request whose body follows.</summary>
    public void Post(int stream, string path, params (string Name, string Value)[] more) => Headers(stream, Frame.EndHeaders, HeaderBlock.Request(path, "POST", more));

    /// <summary>Adds HEADERS.</summary>
    public void Headers(int stream, byte flags, params ReadOnlySpan<(string Name, string Value)> headers) => Send(FrameType.Headers, flags, stream, HeaderBlock.Of(headers));

    /// <summary>Adds SETTINGS with one setting.</summary>
    public void Setting(ushort name, uint value)
    {
        Span<byte> payload = stackalloc byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(payload, name);
        BinaryPrimitives.WriteUInt32BigEndian(payload[2..], value);
        Send(FrameType.Settings, 0, 0, payload);
    }

    /// <summary>Adds WINDOW_UPDATE.</summary>
    public void WindowUpdate(int stream, uint increment) => Send(FrameType.WindowUpdate, 0, stream, Number(increment));

    /// <summary>Adds RST_STREAM.</summary>
    public void Reset(int stream, ErrorCode code = ErrorCode.CANCEL) => Send(FrameType.RstStream, 0, stream, Number((uint)code));

    /// <summary>Four bytes.</summary>
    public static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>The first four bytes.</summary>
    public static uint Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes);

    /// <summary>Sends what was added. That the peer has closed shows in what is read.</summary>
    /// <returns>Whether it was taken.</returns>
    public async Task<bool> FlushAsync()
    {
        var bytes = _unsent.ToArray();
        _unsent.SetLength(0);
        try
        {
            await _stream.WriteAsync(bytes, _bound.Token);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The next frame; null: the connection is closed.</summary>
    public async Task<Frame?> ReadAsync()
    {
        var header = new byte[HeaderSize];
        try
        {
            await _stream.ReadExactlyAsync(header, _bound.Token);
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header) >> 8];
            await _stream.ReadExactlyAsync(payload, _bound.Token);
            return new Frame((FrameType)header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)), payload);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The next frame of these types; null: the connection is closed.</summary>
    public async Task<Frame?> ReadAsync(params FrameType[] types)
    {
        while (await ReadAsync() is { } frame)
        {
            if (types.Contains(frame.Type) && !(frame.Type is FrameType.Ping or FrameType.Settings && !frame.Has(Frame.Ack)))
            {
                return frame;
            }
        }

        return null;
    }

    /// <summary>Sends a request without a body, and reads its answer to the end.</summary>
    /// <returns>Its status, or how else it ended.</returns>
    public async Task<string> AskAsync(int stream, string path)
    {
        Get(stream, path);
        await FlushAsync();
        return await AnswerAsync(stream);
    }

    /// <summary>Reads an answer to its end: its status, or how else it ended.</summary>
    public async Task<string> AnswerAsync(int stream)
    {
        var status = "";
        while (await ReadAsync(FrameType.Headers, FrameType.Data, FrameType.RstStream, FrameType.GoAway) is { } frame)
        {
            switch (frame.Type)
            {
                case FrameType.GoAway when CodeOf(frame) is not ErrorCode.NO_ERROR:
                    return $"GOAWAY {CodeOf(frame)}";
                case FrameType.RstStream when frame.Stream == stream:
                    return $"RST_STREAM {CodeOf(frame)}";
                case FrameType.Headers when frame.Stream == stream && status.Length == 0:
                    status = HeaderBlock.Status(frame.Payload);
                    break;
            }

            if (frame.Type is FrameType.Headers or FrameType.Data && frame.Stream == stream && frame.Has(Frame.EndStream))
            {
                return status;
            }
        }

        return "closed";
    }

    /// <summary>The code of a GOAWAY or RST_STREAM.</summary>
    public static ErrorCode CodeOf(Frame frame) => (ErrorCode)Number(frame.Payload.AsSpan(frame.Type is FrameType.GoAway ? 4 : 0));

    public async ValueTask DisposeAsync()
    {
        if (_stream is { } stream)
        {
            await stream.DisposeAsync();
        }

        _socket.Dispose();
        _bound.Dispose();
        await _unsent.DisposeAsync();
    }
}
