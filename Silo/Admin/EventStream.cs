using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sluice.Silo.Admin;

/// <summary>One answer of server-sent events (WHATWG HTML, section 9.2), open until its reader leaves or the silo stops; every 15 s without an event a comment tells that it lives.</summary>
internal sealed class EventStream
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    // A lost poke is healed by a look of one's own.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(3);

    private readonly HttpResponse _response;
    private readonly TimeProvider _time;
    private long _written;

    private EventStream(HttpResponse response, TimeProvider time) => (_response, _time, _written) = (response, time, time.GetTimestamp());

    /// <summary>Begins the answer, and calls <paramref name="look"/> after each poke and at least every few seconds: it sends what is new, and answers whether there may be more at once.</summary>
    public static async Task<IResult> RunAsync(HttpContext http, ChangePoke poke, TimeProvider time, Func<EventStream, CancellationToken, Task<bool>> look)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, poke.Stopping);
        http.Response.ContentType = "text/event-stream";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var stream = new EventStream(http.Response, time);
        try
        {
            await http.Response.WriteAsync(": sluice\n\n", ended.Token);
            await http.Response.Body.FlushAsync(ended.Token);
            while (!ended.IsCancellationRequested)
            {
                var next = poke.Next;
                var isMore = await look(stream, ended.Token);
                await stream.FlushAsync(ended.Token);
                if (!isMore)
                {
                    await Task.WhenAny(next, Task.Delay(Look, time, ended.Token));
                }
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The reader left, or the silo stops.
        }

        return Results.Empty;
    }

    /// <summary>Sends one event.</summary>
    /// <param name="data">One line.</param>
    public async Task SendAsync(string id, string name, string data, CancellationToken cancellation)
    {
        await _response.WriteAsync($"id: {id}\nevent: {name}\ndata: {data}\n\n", cancellation);
        _written = _time.GetTimestamp();
    }

    private async Task FlushAsync(CancellationToken cancellation)
    {
        if (_time.GetElapsedTime(_written) >= KeepAlive)
        {
            await _response.WriteAsync(": alive\n\n", cancellation);
            _written = _time.GetTimestamp();
        }

        await _response.Body.FlushAsync(cancellation);
    }
}
