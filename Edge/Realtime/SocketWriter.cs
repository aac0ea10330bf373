using System.Net.WebSockets;

namespace Sluice.Edge.Realtime;

/// <summary>The way to one side of a connection: what passes, and what the gateway itself says at its end, one after the other. Once it is closed nothing passes any more.</summary>
/// <param name="socket">Of that side.</param>
internal sealed class SocketWriter(WebSocket socket)
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    // In one's turn: whether a message has begun and not ended, and whether the side was closed.
    private bool _isAmidMessage;
    private bool _isClosed;

    /// <summary>Passes a piece of a message on; it waits while the other side is slow.</summary>
    /// <exception cref="WebSocketException">The side is gone.</exception>
    public async ValueTask PassAsync(ReadOnlyMemory<byte> piece, WebSocketMessageType type, bool isEnd, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (!_isClosed)
            {
                _isAmidMessage = !isEnd;
                await socket.SendAsync(piece, type, isEnd, cancellation);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Closes the side, once; an event is said before it where no message is under way. Throws nothing: a side that is gone needs no close.</summary>
    public async Task CloseAsync(WebSocketCloseStatus status, string? reason, byte[]? lastEvent, CancellationToken cancellation)
    {
        try
        {
            await _turn.WaitAsync(cancellation);
            try
            {
                if (_isClosed)
                {
                    return;
                }

                _isClosed = true;
                if (lastEvent is not null && !_isAmidMessage)
                {
                    await socket.SendAsync(lastEvent.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, cancellation);
                }

                await socket.CloseOutputAsync(status, status is WebSocketCloseStatus.Empty ? null : reason, cancellation);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (Exception e) when (Relay.IsGone(e))
        {
            // Whoever waits for its answer sees the same.
        }
    }
}
