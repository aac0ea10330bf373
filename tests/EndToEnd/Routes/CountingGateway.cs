using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Routes;

/// <summary>A gateway, and an upstream that answers by the last part of the path, with how often it was asked for it.</summary>
public sealed class CountingGateway : IAsyncLifetime
{
    public Gateway Gateway { get; private set; } = null!;

    public Upstream Upstream { get; private set; } = null!;

    /// <summary>How often each path was asked for, conditional requests that were met left out.</summary>
    public ConcurrentDictionary<string, int> Asked { get; } = new(StringComparer.Ordinal);

    /// <summary>What slow answers wait for.</summary>
    public SemaphoreSlim Gate { get; } = new(0);

    /// <summary>The version of what is validated.</summary>
    public string Version { get; set; } = "1";

    /// <summary>Whether it answers 503.</summary>
    public bool Fails { get; set; }

    public async ValueTask InitializeAsync()
    {
        Gateway = await Gateway.StartAsync();
        Upstream = await Upstream.StartAsync((http, received) => AnswerAsync(http));
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Upstream.DisposeAsync();
        Gate.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var (request, response) = (http.Request, http.Response);
        var path = request.Path.Value!;
        var count = Asked.AddOrUpdate(path, 1, static (_, before) => before + 1);
        var text = count.ToString(CultureInfo.InvariantCulture);
        switch (path[path.LastIndexOf('/')..])
        {
            case "/fresh":
                response.Headers.CacheControl = "max-age=60";
                response.Headers.ETag = "\"v1\"";
                response.Headers["x-own"] = "kept";
                break;
            case "/public":
                response.Headers.CacheControl = "public, max-age=60";
                break;
            case "/private":
                response.Headers.CacheControl = "private, max-age=60";
                break;
            case "/cookie":
                response.Headers.CacheControl = "max-age=60";
                response.Headers.SetCookie = "a=b";
                break;
            case "/large":
                response.Headers.CacheControl = "max-age=60";
                text = text.PadLeft(65 * 1024);
                break;
            case "/failing":
                response.StatusCode = 500;
                response.Headers.CacheControl = "max-age=60";
                break;
            case "/vary":
                response.Headers.CacheControl = "max-age=60";
                response.Headers.Vary = "Accept-Language";
                break;
            case "/validated":
                response.Headers.CacheControl = "no-cache";
                response.Headers.ETag = $"\"{Version}\"";
                if (request.Headers.IfNoneMatch == response.Headers.ETag)
                {
                    response.StatusCode = 304;
                    return;
                }

                break;
            case "/swr":
                response.Headers.CacheControl = "max-age=0, stale-while-revalidate=60";
                break;
            case "/sie":
                response.Headers.CacheControl = "max-age=0, stale-if-error=60";
                response.StatusCode = Fails ? 503 : 200;
                break;
            case "/slow":
                response.Headers.CacheControl = "max-age=60";
                await Gate.WaitAsync(http.RequestAborted);
                break;
            default:
                break;
        }

        response.ContentLength = text.Length > 100 ? null : text.Length;
        await response.WriteAsync(text, http.RequestAborted);
    }
}
