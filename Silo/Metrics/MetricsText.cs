using System.Text;
using Microsoft.AspNetCore.Http;

namespace Sluice.Silo.Metrics;

/// <summary>Writes the text of <c>/metrics</c>.</summary>
internal sealed class MetricsText
{
    /// <summary>Where it is.</summary>
    public const string Path = "/metrics";

    /// <summary>What writes it; null: it is not told.</summary>
    public RequestDelegate? Writer { get; set; }

    /// <summary>The text as it is now; empty where it is not told.</summary>
    public async Task<string> ReadAsync(CancellationToken cancellation)
    {
        if (Writer is not { } writer)
        {
            return "";
        }

        using var body = new MemoryStream();
        var http = new DefaultHttpContext { RequestAborted = cancellation };
        (http.Request.Method, http.Request.Path, http.Response.Body) = (HttpMethods.Get, Path, body);
        await writer(http);
        await http.Response.BodyWriter.FlushAsync(cancellation);
        return Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
    }
}
