using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Sluice.Tests.Processes;

/// <summary>What a proxy does to one request.</summary>
public enum Fault
{
    /// <summary>Nothing: the request goes through.</summary>
    None,

    /// <summary>The connection is cut before the request is passed on.</summary>
    CutBefore,

    /// <summary>The request is carried out, and the connection cut before its answer.</summary>
    CutAfter,

    /// <summary>The request is carried out, and answered 503.</summary>
    BusyAfter,

    /// <summary>No answer until the client gives up.</summary>
    Silence,
}

/// <summary>An HTTP proxy before one service of Azurite, which does to each request what the test says.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client;

    private FaultProxy(WebApplication app, HttpClient client) => (_app, _client) = (app, client);

    /// <summary>Decides for each request.</summary>
    public Func<HttpRequest, Fault> Faults { get; set; } = static _ => Fault.None;

    /// <summary>A status to answer without passing the request on; null: as <see cref="Faults"/> says.</summary>
    public Func<HttpRequest, int?> Refusals { get; set; } = static _ => null;

    /// <summary>Where the proxy listens.</summary>
    public Uri Address => new(_app.Urls.Single());

    public static async Task<FaultProxy> StartAsync(Uri target)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var proxy = new FaultProxy(builder.Build(), new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = target });
        proxy._app.Run(proxy.HandleAsync);
        await proxy._app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (Refusals(context.Request) is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        var fault = Faults(context.Request);
        if (fault is Fault.CutBefore)
        {
            context.Abort();
            return;
        }

        if (fault is Fault.Silence)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);

        // What has begun is carried out, whether or not the client still waits.
        using var answer = await _client.SendAsync(Copy(context.Request, body), CancellationToken.None);
        if (fault is Fault.CutAfter)
        {
            context.Abort();
            return;
        }

        if (fault is Fault.BusyAfter)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        context.Response.Headers.Remove("Transfer-Encoding");
        context.Response.Headers.Remove("Connection");
        context.Response.Headers.Remove("Keep-Alive");
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static HttpRequestMessage Copy(HttpRequest request, MemoryStream body)
    {
        var path = request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var copy = new HttpRequestMessage(new HttpMethod(request.Method), path) { Content = new ByteArrayContent(body.ToArray()) };
        foreach (var (name, values) in request.Headers)
        {
            if (!name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))
            {
                copy.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
            else if (!string.Equals(name, "Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                copy.Content!.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        copy.Headers.Remove("Transfer-Encoding");
        return copy;
    }
}
