using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Sluice.Tests.Processes;

/// <summary>
/// A provider of realtime connections whose bill is the witness: each response is billed before its usage goes out. What it is not asked to answer it sends back as it came. A text message
/// <c>{"type":"response.create"}</c> gets a whole response, <c>test.begin</c> one that never ends, <c>test.two</c> two at the same time, <c>test.drop</c> the connection's loss, <c>test.close</c> a close with 4001.
/// </summary>
public sealed class RealtimeProvider : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly int _refuses;
    private readonly ConcurrentQueue<string> _ends = new();
    private long _input;
    private long _output;
    private int _responses;

    private RealtimeProvider(WebApplication app, int refuses) => (_app, _refuses) = (app, refuses);

    /// <summary>Up to and with <c>/v1</c>.</summary>
    public string Address => $"{_app.Urls.First()}/v1";

    /// <summary>Requests for connections, as they came: path and query, headers.</summary>
    public ConcurrentQueue<(string Target, Dictionary<string, string> Headers)> Requests { get; } = new();

    /// <summary>How its connections ended: the close code and reason, or <c>gone</c>.</summary>
    public IEnumerable<string> Ends => _ends;

    /// <summary>Tokens that were billed.</summary>
    public (long Input, long Output) Bill => (Interlocked.Read(ref _input), Interlocked.Read(ref _output));

    /// <summary>Responses that were billed.</summary>
    public int Responses => Volatile.Read(ref _responses);

    /// <summary>Starts on a free port.</summary>
    /// <param name="refuses">The status of every answer; 0: connections are accepted.</param>
    public static async Task<RealtimeProvider> StartAsync(int refuses = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var provider = new RealtimeProvider(app, refuses);
        app.UseWebSockets();
        app.Run(provider.ServeAsync);
        await app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        using var bound = new CancellationTokenSource(TimeSpan.Zero, TimeProvider.System);
        await _app.StopAsync(bound.Token);
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext http)
    {
        Requests.Enqueue(($"{http.Request.Path}{http.Request.QueryString}", http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        if (_refuses != 0)
        {
            http.Response.StatusCode = _refuses;
            return;
        }

        var protocols = http.WebSockets.WebSocketRequestedProtocols;
        using var socket = await http.WebSockets.AcceptWebSocketAsync(protocols.Contains("realtime", StringComparer.Ordinal) ? "realtime" : null);
        try
        {
            await AnswerAsync(http, socket);
            _ends.Enqueue(FormattableString.Invariant($"{(int)socket.CloseStatus!} {socket.CloseStatusDescription}").Trim());
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            _ends.Enqueue("gone");
        }
    }

    private async Task AnswerAsync(HttpContext http, WebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var message = new MemoryStream();
        while (await socket.ReceiveAsync(buffer.AsMemory(), http.RequestAborted) is { MessageType: not WebSocketMessageType.Close } got)
        {
            var type = TypeOf(message, buffer.AsSpan(0, got.Count), got);
            if (type is null)
            {
                await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, http.RequestAborted);
            }
            else if (type is "test.drop")
            {
                http.Abort();
            }
            else if (type is "test.close")
            {
                await socket.CloseOutputAsync((WebSocketCloseStatus)4001, "enough", http.RequestAborted);
            }
            else
            {
                await RespondAsync(socket, begins: type is "test.two" ? 2 : 1, ends: type is "test.two" ? 2 : type is "test.begin" ? 0 : 1, http.RequestAborted);
            }
        }

        if (socket.State is WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(socket.CloseStatus!.Value, socket.CloseStatusDescription, http.RequestAborted);
        }
    }

    // What is asked for stands in a message of one piece.
    private static string? TypeOf(MemoryStream message, ReadOnlySpan<byte> piece, ValueWebSocketReceiveResult got)
    {
        var isFirst = message.Length == 0;
        message.Write(piece);
        if (got.EndOfMessage)
        {
            message.SetLength(0);
        }

        return isFirst && got is { EndOfMessage: true, MessageType: WebSocketMessageType.Text } && piece.StartsWith("{\"type\":"u8) ? JsonDocument.Parse(piece.ToArray()).RootElement.GetProperty("type").GetString() : null;
    }

    private async Task RespondAsync(WebSocket socket, int begins, int ends, CancellationToken cancellation)
    {
        for (; begins > 0; begins--)
        {
            await SayAsync(socket, """{"type":"response.created","event_id":"e1","response":{"id":"r","status":"in_progress","usage":null,"output":[]}}""", cancellation);
        }

        await SayAsync(socket, """{"type":"response.output_audio.delta","delta":"AAAA\"usage\":{\"input_tokens\":1}"}""", cancellation);
        for (; ends > 0; ends--)
        {
            await EndAsync(socket, cancellation);
        }
    }

    private async Task EndAsync(WebSocket socket, CancellationToken cancellation)
    {
        var (input, output) = (120, 80);
        Interlocked.Add(ref _input, input);
        Interlocked.Add(ref _output, output);
        Interlocked.Increment(ref _responses);
        await SayAsync(
            socket,
            string.Create(CultureInfo.InvariantCulture, $$"""
                {"event_id":"e2","response":{"id":"r","object":"realtime.response","status":"completed","output":[{"type":"message","content":[{"transcript":"{{new string('x', 100_000)}}"}]}],
                 "usage":{"total_tokens":{{input + output}},"input_tokens":{{input}},"output_tokens":{{output}},"input_token_details":{"text_tokens":20,"audio_tokens":100,"cached_tokens":16,
                 "cached_tokens_details":{"text_tokens":16,"audio_tokens":0} },"output_token_details":{"text_tokens":30,"audio_tokens":50} } },"type":"response.done"}
                """),
            cancellation);
    }

    private static Task SayAsync(WebSocket socket, string text, CancellationToken cancellation) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, cancellation);
}
