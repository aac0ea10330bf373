using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>A server that answers each request on a connection with bytes that a test gives, and may close the connection behind them.</summary>
internal sealed class RawUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<int, (string Bytes, bool Closes)> _answer;
    private readonly Task _accepting;
    private readonly StringBuilder _received = new();
    private int _requests;
    private int _connections;

    /// <summary>Starts; requests are numbered from 1.</summary>
    public RawUpstream(Func<int, (string Bytes, bool Closes)> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it is.</summary>
    public string Address => $"http://{_listener.LocalEndpoint}";

    /// <summary>Connections that were made.</summary>
    public int Connections => _connections;

    /// <summary>All that came, in Latin-1.</summary>
    public string Received
    {
        get
        {
            lock (_received)
            {
                return _received.ToString();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await Record.ExceptionAsync(() => _accepting);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var socket = await _listener.AcceptSocketAsync(_end.Token);
            Interlocked.Increment(ref _connections);
            _ = ServeAsync(socket);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            var buffer = new byte[64 * 1024];
            var held = "";
            while (true)
            {
                var count = await socket.ReceiveAsync(buffer, _end.Token);
                if (count == 0)
                {
                    return;
                }

                var text = Encoding.Latin1.GetString(buffer, 0, count);
                lock (_received)
                {
                    _received.Append(text);
                }

                held += text;
                while (TryTake(ref held))
                {
                    var (bytes, closes) = _answer(Interlocked.Increment(ref _requests));
                    await socket.SendAsync(Encoding.Latin1.GetBytes(bytes), _end.Token);
                    if (closes)
                    {
                        socket.Shutdown(SocketShutdown.Send);
                    }
                }
            }
        }
    }

    // One request with the body that its length tells.
    private static bool TryTake(ref string held)
    {
        const string Length = "Content-Length: ";
        var head = held.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (head < 0)
        {
            return false;
        }

        var at = held.IndexOf(Length, 0, head, StringComparison.OrdinalIgnoreCase);
        var body = at < 0 ? 0 : int.Parse(held.AsSpan(at + Length.Length, held.IndexOf("\r\n", at, StringComparison.Ordinal) - at - Length.Length), null);
        if (held.Length < head + 4 + body)
        {
            return false;
        }

        held = held[(head + 4 + body)..];
        return true;
    }
}
