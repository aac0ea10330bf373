using System.Buffers;
using System.Net.WebSockets;

namespace Sluice.Edge.Realtime;

/// <summary>
/// Passes the messages of a connection both ways as they are, piece by piece: no message is held, and a side that is slow makes the other one wait. Of what the provider says the events of responses are read on
/// the way, before the client sees their end.
/// </summary>
internal sealed class Relay(WebSocket client, WebSocket provider, ResponseCharges charges, TimeProvider time)
{
    private const int PieceSize = 16 * 1024;
    private long _passedAt = time.GetTimestamp();

    /// <summary>The way to the client.</summary>
    public SocketWriter ToClient { get; } = new(client);

    /// <summary>The way to the provider.</summary>
    public SocketWriter ToProvider { get; } = new(provider);

    /// <summary>How long nothing has passed.</summary>
    public TimeSpan Silence => time.GetElapsedTime(Volatile.Read(ref _passedAt));

    /// <summary>Whether an exception says that a side is not there any more, or is not waited for.</summary>
    public static bool IsGone(Exception failure) => failure is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;

    /// <summary>Passes what the client says, until it closes or is gone; or the provider is.</summary>
    public Task<Ending> PassToProviderAsync(CancellationToken cancellation) => PassAsync(client, isFromClient: true, cancellation);

    /// <summary>Passes what the provider says, until it closes or is gone; or the client is.</summary>
    public Task<Ending> PassToClientAsync(CancellationToken cancellation) => PassAsync(provider, isFromClient: false, cancellation);

    private async Task<Ending> PassAsync(WebSocket from, bool isFromClient, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
        var scan = isFromClient ? null : new EventScan();
        var isReading = true;
        try
        {
            while (true)
            {
                isReading = true;
                var got = await from.ReceiveAsync(buffer.AsMemory(), cancellation);
                if (got.MessageType is WebSocketMessageType.Close)
                {
                    return isFromClient ? Ending.ByClient(from.CloseStatus, from.CloseStatusDescription) : Ending.ByProvider(from.CloseStatus, from.CloseStatusDescription);
                }

                Volatile.Write(ref _passedAt, time.GetTimestamp());
                var piece = buffer.AsMemory(0, got.Count);
                isReading = false;
                if (scan is null)
                {
                    await charges.Covered.WaitAsync(cancellation);
                }
                else if (got.MessageType is WebSocketMessageType.Text)
                {
                    Count(scan.Read(piece.Span, got.EndOfMessage));
                }

                await (isFromClient ? ToProvider : ToClient).PassAsync(piece, got.MessageType, got.EndOfMessage, cancellation);
            }
        }
        catch (Exception e) when (IsGone(e))
        {
            return isReading == isFromClient ? Ending.ClientGone : Ending.ProviderGone;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Count(in RealtimeEvent told)
    {
        if (told.Kind is RealtimeEventKind.Created)
        {
            charges.Begin();
        }
        else if (told.Kind is RealtimeEventKind.Done)
        {
            charges.Done(told.Usage, told.HasFailed);
        }
        else if (told.Kind is RealtimeEventKind.Transcribed)
        {
            charges.Transcribed(told.Usage, told.Seconds, told.Bytes);
        }
    }
}
