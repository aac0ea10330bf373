using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Sluice.Bench.Streams;

/// <summary>A provider that streams chat answers; each event carries the instant at which it was written, on this process's clock.</summary>
internal static class StreamingUpstream
{
    /// <summary>Events of one answer.</summary>
    public const int Events = 10;

    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(2);

    /// <summary>Starts on a loopback port.</summary>
    public static async Task<WebApplication> StartAsync(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        return app;
    }

    private static async Task AnswerAsync(HttpContext http)
    {
        await http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted);
        http.Response.ContentType = "text/event-stream";
        for (var i = 0; i < Events; i++)
        {
            var written = TimeProvider.System.GetTimestamp().ToString(CultureInfo.InvariantCulture);
            await http.Response.WriteAsync(
                $$"""data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764000000,"model":"bench-model","choices":[{"index":0,"delta":{"content":" at {{written}};"},"finish_reason":null}],"usage":null}""" + "\n\n",
                http.RequestAborted);
            await Task.Delay(Gap, TimeProvider.System, http.RequestAborted);
        }

        await http.Response.WriteAsync(
            """
            data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764000000,"model":"bench-model","choices":[],"usage":{"prompt_tokens":180,"completion_tokens":10,"total_tokens":190}}

            data: [DONE]


            """.ReplaceLineEndings("\n"),
            http.RequestAborted);
    }
}
