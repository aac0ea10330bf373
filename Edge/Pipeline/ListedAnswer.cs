using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Edge.Dialects.Gemini;
using Sluice.Edge.Metrics;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// Answers Gemini's clients who ask for a stream without <c>alt=sse</c>: what is served within is written as one JSON list. It stands between the pipeline and the client, so that
/// whatever is written as events, errors and endings too, goes the same way; nobody else pays for it.
/// </summary>
internal sealed class ListedAnswer : WrittenBody
{
    private readonly EventList _list = new();
    private readonly ArrayBufferWriter<byte> _made = new(4096);
    private readonly HttpResponse _response;
    private readonly Stream _client;

    private ListedAnswer(HttpResponse response, Stream client) => (_response, _client) = (response, client);

    /// <summary>Whether a request to Gemini's paths asks for a list.</summary>
    public static bool IsAskedBy(HttpRequest request) =>
        request.Path.Value!.EndsWith(":streamGenerateContent", StringComparison.Ordinal) && !string.Equals(request.Query["alt"], "sse", StringComparison.OrdinalIgnoreCase);

    /// <summary>Serves a request whose answer is to be a list.</summary>
    public static async Task ServeAsync(HttpContext http, Func<Task> serve)
    {
        var before = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        await using var list = new ListedAnswer(http.Response, before.Stream);
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(list, before));
        try
        {
            await serve();
            await list.EndAsync(http);
        }
        finally
        {
            http.Features.Set(before);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var isFirst = !_list.HasBegun;
        _list.Take(buffer.Span, _made);
        if (isFirst && _list.HasBegun && !_response.HasStarted)
        {
            _response.ContentType = "application/json";
            _response.ContentLength = _list.IsWhole && _response.ContentLength is { } length ? length + 2 : null;
        }

        await SendAsync(cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => _client.FlushAsync(cancellationToken);

    // One that was cut off stays open: its client sees that it is not whole.
    private async Task EndAsync(HttpContext http)
    {
        if (http.RequestAborted.IsCancellationRequested || http.Features.Get<BrokenAnswer>() is not null)
        {
            return;
        }

        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
        _list.End(_made);
        await SendAsync(http.RequestAborted);
    }

    private async ValueTask SendAsync(CancellationToken cancellation)
    {
        if (_made.WrittenCount > 0)
        {
            await _client.WriteAsync(_made.WrittenMemory, cancellation);
            _made.ResetWrittenCount();
        }
    }
}
