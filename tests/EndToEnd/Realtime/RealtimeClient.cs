using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Realtime;

/// <summary>A client of realtime connections, as official ones are; and the model and tenant that it uses.</summary>
internal sealed class RealtimeClient : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _bound = new(Bound, TimeProvider.System);

    private RealtimeClient(ClientWebSocket socket) => Socket = socket;

    /// <summary>The connection.</summary>
    public ClientWebSocket Socket { get; }

    /// <summary>Provider, model and tenant of one name; a response may use 400 tokens.</summary>
    public static Task<string> ApplyAsync(Gateway gateway, string name, RealtimeProvider provider, params string[] more) => OwnModel.ApplyAsync(gateway, name, [
        $$"""
        kind: Secret
        name: {{name}}
        value: sk-of-the-provider
        ---
        kind: Provider
        name: {{name}}
        dialect: openai
        address: {{provider.Address}}
        credentials: [{ secret: {{name}} }]
        ---
        kind: Model
        name: {{name}}
        targets: [{ provider: {{name}}, model: gpt-realtime }]
        contextTokens: 300
        maxOutputTokens: 100
        """,
        .. more,
    ]);

    /// <summary>Where a model is connected to.</summary>
    public static Uri AddressOf(Gateway gateway, string model) => new UriBuilder(gateway.Edge) { Scheme = "ws", Path = "/v1/realtime", Query = $"model={model}" }.Uri;

    /// <summary>Connects with the key in a header.</summary>
    public static Task<RealtimeClient> ConnectAsync(Gateway gateway, string model, string key) => ConnectAsync(gateway, model, options =>
    {
        options.SetRequestHeader("Authorization", $"Bearer {key}");
        options.AddSubProtocol("realtime");
    });

    /// <summary>Connects.</summary>
    public static async Task<RealtimeClient> ConnectAsync(Gateway gateway, string model, Action<ClientWebSocketOptions> set)
    {
        var client = new RealtimeClient(new ClientWebSocket());
        set(client.Socket.Options);
        await client.Socket.ConnectAsync(AddressOf(gateway, model), client._bound.Token);
        return client;
    }

    /// <summary>Says one event.</summary>
    public Task SayAsync(string type) => Socket.SendAsync(Encoding.UTF8.GetBytes($$"""{"type":"{{type}}"}"""), WebSocketMessageType.Text, endOfMessage: true, _bound.Token);

    /// <summary>Sends a piece of a message.</summary>
    public Task SendAsync(ReadOnlyMemory<byte> piece, WebSocketMessageType type, bool isEnd) => Socket.SendAsync(piece, type, isEnd, _bound.Token).AsTask();

    /// <summary>Asks for one response and waits for its end. False: the connection was closed instead.</summary>
    public async Task<bool> RespondAsync()
    {
        await SayAsync("response.create");
        return await ReachAsync("response.done");
    }

    /// <summary>Reads until an event of a type has come. False: the connection was closed before.</summary>
    public async Task<bool> ReachAsync(string type)
    {
        while (await ReadAsync() is { } message)
        {
            using var json = JsonDocument.Parse(message.Bytes);
            if (string.Equals(json.RootElement.GetProperty("type").GetString(), type, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The next message; null: a close.</summary>
    public async Task<(byte[] Bytes, WebSocketMessageType Type)?> ReadAsync()
    {
        var buffer = new byte[16 * 1024];
        var message = new MemoryStream();
        while (true)
        {
            var got = await Socket.ReceiveAsync(buffer.AsMemory(), _bound.Token);
            if (got.MessageType is WebSocketMessageType.Close)
            {
                return null;
            }

            message.Write(buffer, 0, got.Count);
            if (got.EndOfMessage)
            {
                return (message.ToArray(), got.MessageType);
            }
        }
    }

    /// <summary>Reads to the close, and answers it.</summary>
    /// <returns>The last error that was told by an event, or an empty text; the close's code, and its reason.</returns>
    public async Task<(string Error, int Status, string? Reason)> EndAsync()
    {
        var error = "";
        while (await ReadAsync() is { } message)
        {
            using var json = JsonDocument.Parse(message.Bytes);
            error = json.RootElement.GetProperty("type").GetString() is "error" ? json.RootElement.GetProperty("error").GetProperty("code").GetString()! : error;
        }

        if (Socket.State is WebSocketState.CloseReceived)
        {
            await Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _bound.Token);
        }

        return (error, (int)Socket.CloseStatus!.Value, Socket.CloseStatusDescription);
    }

    /// <summary>Closes, and waits for the answer.</summary>
    public Task CloseAsync(WebSocketCloseStatus status, string reason) => Socket.CloseAsync(status, reason, _bound.Token);

    public void Dispose()
    {
        Socket.Dispose();
        _bound.Dispose();
    }
}
