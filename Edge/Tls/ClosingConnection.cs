using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Sluice.Edge.Tls;

/// <summary>
/// A connection over QUIC that closes once it was asked to and its last request has ended. The server looks whether there is one left when a stream comes, but not when one ends: of a client that
/// was told to go while a request ran, and does not close by itself, it would wait for another stream, which it would refuse.
/// </summary>
/// <param name="inner">The transport's.</param>
internal sealed class ClosingConnection(MultiplexedConnectionContext inner) : MultiplexedConnectionContext
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    public override string ConnectionId { get => inner.ConnectionId; set => inner.ConnectionId = value; }

    public override IFeatureCollection Features => inner.Features;

    public override IDictionary<object, object?> Items { get => inner.Items; set => inner.Items = value; }

    public override CancellationToken ConnectionClosed { get => inner.ConnectionClosed; set => inner.ConnectionClosed = value; }

    public override EndPoint? LocalEndPoint { get => inner.LocalEndPoint; set => inner.LocalEndPoint = value; }

    public override EndPoint? RemoteEndPoint { get => inner.RemoteEndPoint; set => inner.RemoteEndPoint = value; }

    /// <summary>The next stream; null where none came in a while and the connection is to close: the server looks again whether a request is left.</summary>
    public override ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        inner.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested.IsCancellationRequested is true ? AcceptBrieflyAsync(cancellationToken) : inner.AcceptAsync(cancellationToken);

    public override ValueTask<ConnectionContext> ConnectAsync(IFeatureCollection? features = null, CancellationToken cancellationToken = default) => inner.ConnectAsync(features, cancellationToken);

    public override void Abort() => inner.Abort();

    public override void Abort(ConnectionAbortedException abortReason) => inner.Abort(abortReason);

    public override ValueTask DisposeAsync() => inner.DisposeAsync();

    private async ValueTask<ConnectionContext?> AcceptBrieflyAsync(CancellationToken cancellationToken)
    {
        using var brief = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        brief.CancelAfter(Look);
        return await inner.AcceptAsync(brief.Token);
    }
}
