using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Sluice.Tests.Processes;

/// <summary>A real HTTP server behind the gateway: it keeps what it was sent, and answers as the test says.</summary>
public sealed class Upstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Upstream(WebApplication app) => _app = app;

    /// <summary>What came, in order of arrival.</summary>
    public ConcurrentQueue<ReceivedRequest> Requests { get; } = new();

    /// <summary>Where it is: <c>http://127.0.0.1:…</c>.</summary>
    public string Address => _app.Urls.First();

    /// <summary>What makes a gateway lead <c>/there</c> here.</summary>
    public string Bundle => $$"""
        kind: Upstream
        name: there
        addresses: ["{{Address}}"]
        ---
        kind: Route
        name: there
        match: { path: /there }
        split: [{ upstream: there }]
        """;

    /// <summary>Starts on a free port. The request's body was read when <paramref name="answer"/> is called.</summary>
    public static async Task<Upstream> StartAsync(Func<HttpContext, ReceivedRequest, Task> answer, IPAddress? listen = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(listen ?? IPAddress.Loopback, 0));
        var upstream = new Upstream(builder.Build());
        upstream._app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            var received = new ReceivedRequest(
                http.Request.Method,
                http.Request.Path + http.Request.QueryString,
                http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                body.ToArray());
            upstream.Requests.Enqueue(received);
            await answer(http, received);
        });
        await upstream._app.StartAsync();
        return upstream;
    }

    /// <summary>An upstream that answers 200 and a text.</summary>
    public static Task<Upstream> StartAsync(string text, IPAddress? listen = null) => StartAsync((http, _) => http.Response.WriteAsync(text), listen);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

/// <summary>One request as it arrived.</summary>
public sealed record ReceivedRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body);
