using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>An upstream and a provider at every loopback address, that answers with what it was sent: the part of a <see cref="Generation"/> that only it can see.</summary>
internal sealed class EchoUpstream : IAsyncDisposable
{
    /// <summary>Each answer bills one token in and one out.</summary>
    public const int BilledTokens = 2;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(30);
    private readonly WebApplication _app;

    private EchoUpstream(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public int Port => new Uri(_app.Urls.First().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)).Port;

    public static async Task<EchoUpstream> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Any, 0));
        var upstream = new EchoUpstream(builder.Build());
        upstream._app.Run(AnswerAsync);
        await upstream._app.StartAsync();
        return upstream;
    }

    /// <summary>What the answer to a chat request tells of its generation.</summary>
    public static IEnumerable<Part> Parts(HttpResponseMessage answer, string body)
    {
        using var json = JsonDocument.Parse(body);
        var told = json.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!.Split(' ');
        yield return new Part("provider's address", long.Parse(told[0], CultureInfo.InvariantCulture));
        yield return new Part("bound on the answer", Generation.OfMaxTokens(long.Parse(told[1], CultureInfo.InvariantCulture)));
        yield return new Part("model's name there", Generation.OfModel(told[2]));
        if (answer.Headers.TryGetValues("sluice-cost", out var cost))
        {
            yield return new Part("price", Generation.OfCost(cost.Single(), BilledTokens));
        }

        if (answer.Headers.TryGetValues("x-ratelimit-limit-requests", out var limit))
        {
            yield return new Part("limit", Generation.OfLimit(limit.Single()));
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    // Now and then an answer takes so long that a revision is swapped in meanwhile.
    private static async Task AnswerAsync(HttpContext http)
    {
        var generation = Generation.OfAddress(http.Connection.LocalIpAddress!).ToString(CultureInfo.InvariantCulture);
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            await http.Response.WriteAsync(generation, http.RequestAborted);
            return;
        }

        using var sent = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        await Task.Delay(LongestPause * RandomNumberGenerator.GetInt32(101) / 100, TimeProvider.System, http.RequestAborted);
        var model = sent.RootElement.GetProperty("model").GetString();
        var content = string.Create(CultureInfo.InvariantCulture, $"{generation} {Tokens(sent.RootElement)}");
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(
            $$$"""
            {"id":"c","object":"chat.completion","created":1,"model":"{{{model}}}",
             "choices":[{"index":0,"message":{"role":"assistant","content":"{{{content}}} {{{model}}}"},"finish_reason":"stop"}],
             "usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}
            """,
            http.RequestAborted);
    }

    private static long Tokens(JsonElement sent) =>
        sent.TryGetProperty("max_completion_tokens", out var newer) ? newer.GetInt64() : sent.TryGetProperty("max_tokens", out var older) ? older.GetInt64() : 0;
}
