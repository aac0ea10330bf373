using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Http2;

/// <summary>An edge that is told to end says so by GOAWAY: what runs on its connections ends whole, and clients bring what comes next to another edge.</summary>
public sealed class DrainTests : IAsyncLifetime
{
    private const int Clients = 2;
    private readonly TaskCompletionSource _ends = new();
    private readonly int[] _ports = [Ports.Free(), Ports.Free()];
    private Upstream _upstream = null!;
    private Gateway[] _gateways = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync(async (http, received) =>
        {
            await http.Response.WriteAsync("begun,", http.RequestAborted);
            if (received.Target.EndsWith("/stream", StringComparison.Ordinal))
            {
                await http.Response.Body.FlushAsync(http.RequestAborted);
                await _ends.Task;
            }

            await http.Response.WriteAsync("ended", http.RequestAborted);
        });
        _gateways = await Task.WhenAll(_ports.Select(StartAsync));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in _gateways)
        {
            await gateway.DisposeAsync();
        }

        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task No_request_is_lost_when_an_edge_ends_beside_another()
    {
        using var client = Client();
        using var streaming = await client.GetAsync("/h2/stream", HttpCompletionOption.ResponseHeadersRead);
        await using var idle = await FramedConnection.ConnectAsync(_ports[0]);
        var busy = await FramedConnection.ConnectAsync(_ports[0]);
        Assert.Equal("200", await idle.AskAsync(1, "/h2/x"));
        busy.Get(1, "/h2/stream");
        await busy.FlushAsync();
        Assert.NotNull(await busy.ReadAsync(FrameType.Data));

        using var stop = new CancellationTokenSource();
        var asked = 0;
        var loads = Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                Assert.Equal("begun,ended", await client.GetStringAsync("/h2/x"));
                Interlocked.Increment(ref asked);
            }
        })).ToArray();
        await MoreAsync();
        var stopping = _gateways[0].Sluice.StopAsync();

        // The connection that does nothing, and the one that has a stream, are both told.
        Assert.Equal(ErrorCode.NO_ERROR, await GoAwayAsync(idle));
        Assert.Null(await idle.ReadAsync());
        Assert.Equal(ErrorCode.NO_ERROR, await GoAwayAsync(busy));
        await MoreAsync();
        Assert.False(stopping.IsCompleted);
        _ends.SetResult();
        Assert.Equal("begun,ended", await streaming.Content.ReadAsStringAsync());
        var rest = await busy.ReadAsync(FrameType.Data);
        Assert.Equal("ended"u8.ToArray(), rest!.Payload);
        Assert.True(rest.Has(Frame.EndStream));

        // As clients do that were told.
        await busy.DisposeAsync();
        Assert.Equal(0, await stopping);
        await MoreAsync();
        await stop.CancelAsync();
        await Task.WhenAll(loads);

        async Task MoreAsync()
        {
            var before = Volatile.Read(ref asked);
            await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref asked) > before + 50 || loads.Any(load => load.IsFaulted)), "requests are served");
            await Task.WhenAll(loads.Where(load => load.IsFaulted));
        }
    }

    private async Task<Gateway> StartAsync(int port)
    {
        var gateway = await Gateway.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SLUICE__EDGE__HTTP2"] = port.ToString(CultureInfo.InvariantCulture),
            ["SLUICE__EDGE__DRAINDELAY"] = "300ms",
        });
        await gateway.ApplyAsync($$"""
            { kind: Upstream, name: behind, addresses: ["{{_upstream.Address}}"] }
            ---
            { kind: Route, name: h2, match: { path: "/h2/{**rest}" }, split: [{ upstream: behind }] }
            """);
        return gateway;
    }

    // Whoever balances connects to the first edge that takes connections.
    private HttpClient Client() => new(new SocketsHttpHandler
    {
        EnableMultipleHttp2Connections = true,
        ConnectCallback = async (_, cancellation) =>
        {
            foreach (var port in _ports)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                bound.CancelAfter(TimeSpan.FromSeconds(1));
                try
                {
                    await socket.ConnectAsync(IPAddress.Loopback, port, bound.Token);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch (Exception e) when (e is SocketException or OperationCanceledException)
                {
                    socket.Dispose();
                }
            }

            throw new HttpRequestException("No edge takes connections.");
        },
    })
    {
        BaseAddress = new Uri("http://edge.example"),
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(30),
    };

    private static async Task<ErrorCode?> GoAwayAsync(FramedConnection connection) => await connection.ReadAsync(FrameType.GoAway) is { } frame ? FramedConnection.CodeOf(frame) : null;
}
