using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Providers that are not there, are silent or break off, and clients that leave: each is told or ended at once, within the times that are declared.</summary>
public sealed class BrokenAnswerTests(SharedGateway shared)
{
    private const string Chunk = "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"}}]}\n\n";
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"a{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task A_provider_that_breaks_off_gives_an_error_event_and_no_end()
    {
        // Cut once the first event has passed: a reset that overtakes it on the way would take it along.
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await Upstream.StartAsync(async (http, _) =>
        {
            await BeginAsync(http);
            await passed.Task.WaitAsync(http.RequestAborted);
            http.Abort();
        });
        using var client = await ClientAsync(provider.Address);
        using var answer = await StreamAsync(client);
        var (first, rest) = await ReadAsync(answer, passed.SetResult);

        Assert.Equal(Chunk.TrimEnd(), first);
        Assert.Equal("upstream_error", ErrorOf(rest).GetProperty("code").GetString());
        Assert.DoesNotContain("[DONE]", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_falls_silent_amid_a_stream_is_left_after_its_idle_time()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await Upstream.StartAsync(async (http, _) =>
        {
            http.RequestAborted.Register(left.SetResult);
            await BeginAsync(http);
            await left.Task;
        });
        using var client = await ClientAsync(provider.Address, "{ idle: 300ms }");
        using var answer = await StreamAsync(client);
        var (_, rest) = await ReadAsync(answer, static () => { });

        Assert.Equal("upstream_timeout", ErrorOf(rest).GetProperty("code").GetString());
        Assert.DoesNotContain("[DONE]", rest, StringComparison.Ordinal);
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_provider_that_does_not_begin_is_left_after_its_time_for_the_first_byte(bool stream)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await Upstream.StartAsync(async (http, _) =>
        {
            http.RequestAborted.Register(left.SetResult);
            await left.Task;
        });
        using var client = await ClientAsync(provider.Address, "{ firstByte: 300ms }");
        using var answer = await client.PostAsync("/v1/chat/completions", Request(stream));

        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Equal("upstream_timeout", (await ErrorAsync(answer)).GetProperty("code").GetString());
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    [Fact]
    public async Task A_whole_answer_whose_rest_does_not_come_is_left_after_its_idle_time()
    {
        await using var provider = await Upstream.StartAsync(static async (http, _) =>
        {
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync("{\"object\":", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
        });
        using var client = await ClientAsync(provider.Address, "{ idle: 300ms }");
        using var answer = await client.PostAsync("/v1/chat/completions", Request(stream: false));

        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Equal("upstream_timeout", (await ErrorAsync(answer)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_provider_whose_port_is_closed_is_told_as_unreachable()
    {
        using var client = await ClientAsync($"http://127.0.0.1:{Ports.Free()}");
        using var answer = await client.PostAsync("/v1/chat/completions", Request(stream: true));

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal("upstream_error", (await ErrorAsync(answer)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_provider_that_takes_no_connection_is_left_after_its_time_to_connect()
    {
        // A socket that listens and whose queue is full: what connects to it is not answered.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var address = (IPEndPoint)listener.LocalEndPoint!;
        using var fill = new CancellationTokenSource();
        var queued = Enumerable.Range(0, 8).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToArray();
        var connecting = queued.Select(s => s.ConnectAsync(address, fill.Token).AsTask()).ToArray();
        await connecting[0];

        using var client = await ClientAsync($"http://{address}", "{ connect: 300ms }");
        using var answer = await client.PostAsync("/v1/chat/completions", Request(stream: false));
        await fill.CancelAsync();
        foreach (var socket in queued)
        {
            socket.Dispose();
        }

        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        await Record.ExceptionAsync(() => Task.WhenAll(connecting));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_leaves_ends_the_request_to_the_provider_also_while_it_is_silent(bool begun)
    {
        var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await Upstream.StartAsync(async (http, _) =>
        {
            http.RequestAborted.Register(left.SetResult);
            if (begun)
            {
                await BeginAsync(http);
            }

            came.SetResult();
            await left.Task;
        });
        using (var client = await ClientAsync(provider.Address))
        {
            using var leaving = new CancellationTokenSource();
            var request = StreamAsync(client, leaving.Token);
            await came.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
            if (begun)
            {
                using var answer = await request;
                using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
                Assert.StartsWith("data: {", await reader.ReadLineAsync(), StringComparison.Ordinal);
            }
            else
            {
                await leaving.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
            }
        }

        await left.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    [Fact]
    public async Task A_provider_that_answers_with_no_HTTP_is_told_as_broken()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var socket = await listener.AcceptSocketAsync();
            await socket.SendAsync("SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray());
            socket.Shutdown(SocketShutdown.Send);
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer) > 0)
            {
                // Read to the end, lest a reset overtakes the answer.
            }
        });
        using var client = await ClientAsync($"http://{listener.LocalEndpoint}");
        using var answer = await client.PostAsync("/v1/chat/completions", Request(stream: false));

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal("upstream_error", (await ErrorAsync(answer)).GetProperty("code").GetString());
        await serving.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    private static async Task BeginAsync(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        await http.Response.WriteAsync(Chunk, http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    private static JsonElement ErrorOf(string events) => JsonSerializer.Deserialize<JsonElement>(events.TrimStart()["data: ".Length..]).GetProperty("error");

    private static async Task<JsonElement> ErrorAsync(HttpResponseMessage answer) =>
        JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("error");

    // The first event, and what came after it.
    private static async Task<(string First, string After)> ReadAsync(HttpResponseMessage answer, Action afterFirst)
    {
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var first = await reader.ReadLineAsync();
        afterFirst();
        return (first!, await reader.ReadToEndAsync());
    }

    private Task<HttpResponseMessage> StreamAsync(HttpClient client, CancellationToken cancellation = default) => client.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Request(stream: true) }, HttpCompletionOption.ResponseHeadersRead, cancellation);

    private StringContent Request(bool stream) => Gateway.Json(
        $$"""{"model":"{{_name}}","max_tokens":100,"stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Hello"}]}""");

    private async Task<HttpClient> ClientAsync(string address, string? timeouts = null)
    {
        await _gateway.ApplyAsync($$"""
            kind: Provider
            name: {{_name}}
            dialect: openai
            address: {{address}}/v1
            {{(timeouts is null ? "" : $"timeouts: {timeouts}")}}
            ---
            kind: Model
            name: {{_name}}
            targets: [{ provider: {{_name}}, model: any }]
            """);
        return _gateway.Client();
    }
}
