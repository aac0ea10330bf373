using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.EndToEnd.Monitoring;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Routes;

/// <summary>A gateway with three upstreams, <c>a</c>, <c>b</c> and <c>c</c>, each of which tells what it was sent and who it is.</summary>
public sealed class EchoingGateway : IAsyncLifetime
{
    private readonly List<Upstream> _upstreams = [];
    private readonly int _ops = Ports.Free();

    public Gateway Gateway { get; private set; } = null!;

    /// <summary>By name.</summary>
    public Upstream this[string name] => _upstreams[name[0] - 'a'];

    public async ValueTask InitializeAsync()
    {
        Gateway = await Gateway.StartAsync(ops: _ops);
        foreach (var name in new[] { "a", "b", "c" })
        {
            _upstreams.Add(await Upstream.StartAsync((http, received) =>
            {
                http.Response.Headers["x-own"] = "upstream";
                http.Response.Headers["x-powered-by"] = "old-framework";
                return http.Response.WriteAsJsonAsync(new { upstream = name, received.Method, received.Target, received.Headers, length = received.Body.Length });
            }));
        }

        await Gateway.ApplyAsync(string.Join("\n---\n", _upstreams.Select((u, i) => $"{{ kind: Upstream, name: {"abc"[i]}, addresses: [\"{u.Address}\"] }}")));
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        foreach (var upstream in _upstreams)
        {
            await upstream.DisposeAsync();
        }
    }

    /// <summary>A client that follows no redirect and keeps no cookie.</summary>
    public HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Gateway.Edge, Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>The edge's metrics.</summary>
    internal Task<Scrape> ScrapeAsync() => Scrape.OfAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_ops}")));

    /// <summary>What an upstream tells it was sent.</summary>
    public static async Task<JsonElement> ToldAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        using var told = JsonDocument.Parse(text);
        return told.RootElement.Clone();
    }
}
