using System.Net;
using System.Runtime.Versioning;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Tls;
using Sluice.Tests.EndToEnd.Tls;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Http3;

/// <summary>An edge that is told to end says so over QUIC too: what runs ends whole, and connections that are idle are closed at once.</summary>
[SupportedOSPlatform("linux")]
public sealed class Http3DrainTests
{
    [Fact]
    public async Task What_runs_ends_whole_and_what_is_idle_is_closed()
    {
        Assert.SkipWhen(QuicRuntime.Missing is not null, QuicRuntime.Missing ?? "");
        var ends = new TaskCompletionSource();
        await using var upstream = await Upstream.StartAsync(async (http, _) =>
        {
            await http.Response.WriteAsync("begun,", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await ends.Task;
            await http.Response.WriteAsync("ended", http.RequestAborted);
        });
        await using var tls = new TlsGateway();
        await tls.InitializeAsync();
        await tls.Gateway.Admin.ApplyAsync($"{tls.Authority.Issue(["ending.test"]).Bundle("ending")}\n---\n{upstream.Bundle}");
        using var client = tls.Client("ending.test", HttpVersion.Version30);
        using var streaming = await client.GetAsync("there", HttpCompletionOption.ResponseHeadersRead);
        await using var idle = await QuicPeer.ConnectAsync(tls, "ending.test");
        Assert.Equal("401", await idle.AskAsync([(":method", "GET"), (":scheme", "https"), (":path", "/v1/models"), (":authority", "ending.test")]));

        var stopping = tls.Gateway.Sluice.StopAsync();

        Assert.Equal(QuicPeer.NoError, await idle.ClosedAsync());
        Assert.False(stopping.IsCompleted);
        ends.SetResult();
        Assert.Equal("begun,ended", await streaming.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(0, await stopping);
    }
}
