using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Realtime;

/// <summary>What passes on a realtime connection.</summary>
public sealed class RealtimePassingTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"rt{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task Text_and_binary_pass_both_ways_as_they_are_whole_and_in_pieces()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        var key = await RealtimeClient.ApplyAsync(_gateway, _name, provider);
        using var client = await RealtimeClient.ConnectAsync(_gateway, _name, key);
        var sound = RandomNumberGenerator.GetBytes(1_000_000);

        await client.SendAsync(Encoding.UTF8.GetBytes("Grüße, "), WebSocketMessageType.Text, isEnd: false);
        await client.SendAsync(Encoding.UTF8.GetBytes("world"), WebSocketMessageType.Text, isEnd: true);
        var text = (await client.ReadAsync())!.Value;
        var sending = client.SendAsync(sound, WebSocketMessageType.Binary, isEnd: true);
        var binary = (await client.ReadAsync())!.Value;
        await sending;
        await client.SendAsync(ReadOnlyMemory<byte>.Empty, WebSocketMessageType.Binary, isEnd: true);
        var empty = (await client.ReadAsync())!.Value;

        Assert.Equal(("Grüße, world", WebSocketMessageType.Text), (Encoding.UTF8.GetString(text.Bytes), text.Type));
        Assert.Equal(WebSocketMessageType.Binary, binary.Type);
        Assert.Equal(sound, binary.Bytes);
        Assert.Empty(empty.Bytes);
        Assert.Equal("realtime", client.Socket.SubProtocol);
    }

    [Fact]
    public async Task A_side_that_does_not_read_makes_the_other_one_wait()
    {
        const int Messages = 128;
        const int Size = 1_000_000;
        await using var provider = await RealtimeProvider.StartAsync();
        var key = await RealtimeClient.ApplyAsync(_gateway, _name, provider);
        using var client = await RealtimeClient.ConnectAsync(_gateway, _name, key);
        var sound = RandomNumberGenerator.GetBytes(Size);
        var sent = 0;
        var sending = SendAsync();

        // What comes back is not read, so that nothing more is taken.
        var (seen, since) = (-1, 0);
        await Eventually.TrueAsync(
            () =>
            {
                var now = Volatile.Read(ref sent);
                (seen, since) = now == seen ? (seen, since + 1) : (now, 0);
                return Task.FromResult(since == 25);
            },
            "the client's sending stands still");
        Assert.InRange(sent, 1, Messages - 1);

        for (var i = 0; i < Messages; i++)
        {
            Assert.Equal(sound, (await client.ReadAsync())!.Value.Bytes);
        }

        await sending;

        async Task SendAsync()
        {
            for (var i = 0; i < Messages; i++)
            {
                await client.SendAsync(sound, WebSocketMessageType.Binary, isEnd: true);
                Interlocked.Increment(ref sent);
            }
        }
    }

    [Fact]
    public async Task The_provider_is_asked_for_the_target_s_model_with_its_own_credential()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        var key = await RealtimeClient.ApplyAsync(_gateway, _name, provider);
        using var client = await RealtimeClient.ConnectAsync(_gateway, _name, options =>
        {
            options.AddSubProtocol("realtime");
            options.AddSubProtocol($"openai-insecure-api-key.{key}");
            options.AddSubProtocol("openai-beta.realtime-v1");
            options.SetRequestHeader("OpenAI-Beta", "realtime=v1");
        });

        Assert.True(provider.Requests.TryDequeue(out var request));
        Assert.Equal("/v1/realtime?model=gpt-realtime", request.Target);
        Assert.Equal("Bearer sk-of-the-provider", request.Headers["Authorization"]);
        Assert.Equal("realtime, openai-beta.realtime-v1", request.Headers["Sec-WebSocket-Protocol"]);
        Assert.Equal("realtime=v1", request.Headers["OpenAI-Beta"]);
        Assert.DoesNotContain(request.Headers.Values, value => value.Contains(key, StringComparison.Ordinal));
        Assert.Equal("realtime", client.Socket.SubProtocol);
    }

    [Fact]
    public async Task Either_side_s_close_is_told_to_the_other_with_its_code()
    {
        await using var provider = await RealtimeProvider.StartAsync();
        var key = await RealtimeClient.ApplyAsync(_gateway, _name, provider);
        using var closing = await RealtimeClient.ConnectAsync(_gateway, _name, key);
        await closing.CloseAsync((WebSocketCloseStatus)4002, "done here");
        await Eventually.TrueAsync(() => Task.FromResult(provider.Ends.Contains("4002 done here", StringComparer.Ordinal)), "the provider is told the client's close");
        Assert.Equal((4002, "done here"), ((int)closing.Socket.CloseStatus!.Value, closing.Socket.CloseStatusDescription));

        using var closed = await RealtimeClient.ConnectAsync(_gateway, _name, key);
        await closed.SayAsync("test.close");
        Assert.Equal(("", 4001, "enough"), await closed.EndAsync());
    }
}
