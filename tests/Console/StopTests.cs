using System.Diagnostics;
using System.Net.WebSockets;
using Microsoft.Playwright;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Console;

/// <summary>A gateway that ends while somebody looks at it.</summary>
public sealed class StopTests(ConsoleBrowser console)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task A_gateway_that_ends_waits_neither_for_open_pages_nor_for_a_browser_that_went_silent()
    {
        ConsoleBrowser.Require();
        await using var gateway = await Gateway.StartAsync();
        var page = await console.SignInAsync(own: gateway);
        var session = (await page.Context.CookiesAsync()).Single(c => c.Name is "sluice-console");

        // A laptop that was closed: it answers nothing, not even that the connection is to end.
        using var silent = new ClientWebSocket();
        silent.Options.SetRequestHeader("Cookie", $"{session.Name}={session.Value}");
        silent.Options.SetRequestHeader("Origin", gateway.Sluice.Admin.GetLeftPart(UriPartial.Authority));
        await silent.ConnectAsync(new UriBuilder(gateway.Sluice.Admin) { Scheme = "ws", Path = "/console/_blazor" }.Uri, TestContext.Current.CancellationToken);
        await silent.SendAsync("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        var watch = Stopwatch.StartNew();

        await gateway.Sluice.StopAsync();

        Assert.True(watch.Elapsed < Bound, $"it took {watch.Elapsed.TotalSeconds:0.0} s");
        await page.Context.CloseAsync();
    }
}
