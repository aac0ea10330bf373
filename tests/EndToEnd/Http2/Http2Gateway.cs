using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Http2;

/// <summary>A gateway with a port for HTTP/2 without TLS, and an upstream at <c>/h2/</c>: what ends in <c>/held</c> is never answered, all else at once.</summary>
public sealed class Http2Gateway : IAsyncLifetime
{
    /// <summary>The collection of the classes that share it.</summary>
    public const string Name = "HTTP/2";

    public Gateway Gateway { get; private set; } = null!;

    public Upstream Upstream { get; private set; } = null!;

    /// <summary>The port.</summary>
    public int Port { get; } = Ports.Free();

    public async ValueTask InitializeAsync()
    {
        Gateway = await Gateway.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["SLUICE__EDGE__HTTP2"] = Port.ToString(CultureInfo.InvariantCulture),

            // Of connections that a flood ended the server now and then does not let go (docs/http2.md).
            ["SLUICE__EDGE__DRAINTIME"] = "100ms",
        });
        Upstream = await Upstream.StartAsync((http, received) =>
            received.Target.EndsWith("/held", StringComparison.Ordinal) ? HeldAsync(http) : http.Response.WriteAsync("served"));
        await Gateway.ApplyAsync($$"""
            { kind: Upstream, name: behind, addresses: ["{{Upstream.Address}}"] }
            ---
            { kind: Route, name: h2, match: { path: "/h2/{**rest}" }, split: [{ upstream: behind }] }
            """);
    }

    private static async Task HeldAsync(HttpContext http)
    {
        var left = new TaskCompletionSource();
        await using var leaving = http.RequestAborted.Register(left.SetResult);
        await left.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Upstream.DisposeAsync();
    }
}

/// <summary>Classes that share one <see cref="Http2Gateway"/>.</summary>
[CollectionDefinition(Http2Gateway.Name)]
public sealed class Http2Collection : ICollectionFixture<Http2Gateway>;
