using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Edge;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Outbound;

namespace Sluice.Tests.Unit.Edge.Upstreams;

/// <summary>How long connections to places without TLS are kept.</summary>
public sealed class ConnectionsTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly FakeTimeProvider _time = new();
    private readonly Connections _connections;

    public ConnectionsTests() => _connections = new Connections(new EdgeOptions(), new OwnPorts(), _time, NullLogger<Connections>.Instance);

    public void Dispose() => _connections.Dispose();

    [Fact]
    public void A_place_that_nobody_has_an_address_of_is_forgotten()
    {
        var held = _connections.DirectTo(new Uri("http://held.test"), Bound);
        LookAtOthers();
        Assert.Equal(101, _connections.Places);

        GC.Collect();
        GC.WaitForPendingFinalizers();
        _connections.Sweep();

        Assert.Equal(1, _connections.Places);
        Assert.Same(held, _connections.DirectTo(new Uri("http://held.test"), Bound));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_idle_connection_is_closed_in_time_or_where_its_address_went(bool hasGone)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var pool = _connections.DirectTo(new Uri($"http://{listener.LocalEndpoint}"), Bound)!;
        pool.Return(await pool.ConnectAsync(CancellationToken.None));
        using var other = await listener.AcceptSocketAsync();
        _connections.Sweep();
        Assert.Equal(0, other.Available);
        Assert.False(other.Poll(0, SelectMode.SelectRead), "it is open yet");

        if (hasGone)
        {
            pool.CloseIdle();
        }
        else
        {
            _time.Advance(TimeSpan.FromSeconds(61));
            _connections.Sweep();
        }

        await ClosesAsync(other);

        // Once it holds connections again, it is looked after again.
        pool.Return(await pool.ConnectAsync(CancellationToken.None));
        using var next = await listener.AcceptSocketAsync();
        _time.Advance(TimeSpan.FromSeconds(61));
        _connections.Sweep();
        await ClosesAsync(next);
    }

    private static async Task ClosesAsync(Socket other)
    {
        try
        {
            Assert.Equal(0, await other.ReceiveAsync(new byte[1]).WaitAsync(Bound, TimeProvider.System));
        }
        catch (SocketException e)
        {
            // It was amid receiving: the other side is told so.
            Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LookAtOthers()
    {
        for (var i = 0; i < 100; i++)
        {
            _connections.DirectTo(new Uri(FormattableString.Invariant($"http://other-{i}.test")), Bound);
        }
    }
}
