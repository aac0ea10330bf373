using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Plain HTTP routes: what passes and what does not, and upstreams that are silent or break off.</summary>
public sealed class RouteTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"r{Guid.NewGuid():n}"[..12];

    [Fact]
    public async Task What_only_the_gateway_may_say_is_not_taken_from_an_upstream()
    {
        await using var upstream = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.Headers["Sluice-Revision"] = "other@999";
            http.Response.Headers["sluice-cost"] = "1.00";
            http.Response.Headers["x-ratelimit-remaining-requests"] = "7";
            http.Response.Headers["X-Own"] = "stays";
            return http.Response.WriteAsync("answer", http.RequestAborted);
        });
        using var client = await ClientAsync(upstream.Address);
        using var answer = await client.GetAsync(Path("x"));

        Assert.Equal("answer", await answer.Content.ReadAsStringAsync());
        Assert.StartsWith("default@", Assert.Single(answer.Headers.GetValues("sluice-revision")), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("sluice-cost"));
        Assert.Equal("stays", Assert.Single(answer.Headers.GetValues("X-Own")));

        // No limit of the gateway's counts here, so the service's own is told.
        Assert.Equal("7", Assert.Single(answer.Headers.GetValues("x-ratelimit-remaining-requests")));
    }

    [Fact]
    public async Task Where_the_gateway_counts_a_rate_its_own_is_told()
    {
        await using var upstream = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.Headers["x-ratelimit-remaining-requests"] = "7";
            return http.Response.WriteAsync("answer", http.RequestAborted);
        });
        var (_, key) = await _gateway.Admin.CreateTenantAsync(_name);
        await _gateway.ApplyAsync($$"""
            kind: Limit
            name: {{_name}}
            subject: tenant/{{_name}}
            requests: { per: minute, amount: 1000 }
            """);
        using var client = await ClientAsync(upstream.Address, access: "key", key: key);
        using var answer = await client.GetAsync(Path("x"));

        Assert.InRange(int.Parse(Assert.Single(answer.Headers.GetValues("x-ratelimit-remaining-requests")), null), 990, 999);
    }

    [Theory]
    [InlineData("{ firstByte: 300ms, idle: 60s }")]
    [InlineData("{ firstByte: 300ms, idle: 200ms }")]
    [InlineData("{ firstByte: 300ms }")]
    public async Task An_upstream_that_does_not_begin_is_left_after_its_time_for_the_first_byte(string timeouts)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Upstream.StartAsync(async (http, _) =>
        {
            http.RequestAborted.Register(left.SetResult);
            await left.Task;
        });
        using var client = await ClientAsync(upstream.Address, timeouts);
        using var answer = await client.GetAsync(Path("slow"));

        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Equal("urn:sluice:problem:upstream-timeout", (await ProblemAsync(answer)).GetProperty("type").GetString());
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    [Fact]
    public async Task A_slow_first_byte_within_its_time_is_waited_for_however_short_the_idle_time_is()
    {
        await using var upstream = await Upstream.StartAsync(static async (http, _) =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(600), TimeProvider.System, http.RequestAborted);
            await http.Response.WriteAsync("late", http.RequestAborted);
        });
        using var client = await ClientAsync(upstream.Address, "{ firstByte: 30s, idle: 200ms }");

        Assert.Equal("late", await client.GetStringAsync(Path("late")));
    }

    [Theory]
    [InlineData("{ firstByte: 60s, idle: 300ms }")]
    [InlineData("{ firstByte: 300ms, idle: 300ms }")]
    public async Task An_answer_that_falls_silent_is_cut_after_its_idle_time(string timeouts)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Upstream.StartAsync(async (http, _) =>
        {
            http.RequestAborted.Register(left.SetResult);
            await http.Response.WriteAsync("begun", http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
            await left.Task;
        });
        using var client = await ClientAsync(upstream.Address, timeouts);
        using var answer = await client.GetAsync(Path("silent"), HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() => answer.Content.ReadAsStringAsync());
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    [Fact]
    public async Task An_upstream_whose_port_is_closed_is_told_as_unreachable()
    {
        using var client = await ClientAsync($"http://127.0.0.1:{Ports.Free()}");
        using var answer = await client.GetAsync(Path("x"));

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Contains($"'{_name}'", (await ProblemAsync(answer)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_ends_the_request_to_the_upstream()
    {
        var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = await Upstream.StartAsync(async (http, _) =>
        {
            http.RequestAborted.Register(left.SetResult);
            came.SetResult();
            await left.Task;
        });
        using var client = await ClientAsync(upstream.Address);
        using var leaving = new CancellationTokenSource();
        var request = client.GetAsync(Path("x"), leaving.Token);
        await came.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await left.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    [Fact]
    public async Task Bodies_pass_whole_in_both_directions_whatever_their_size()
    {
        await using var upstream = await Upstream.StartAsync(static (http, received) => http.Response.Body.WriteAsync(received.Body, http.RequestAborted).AsTask());
        using var client = await ClientAsync(upstream.Address);
        var random = new Random(1);
        foreach (var length in new[] { 0, 1, 1023, 16 * 1024, 70_000, 5_000_000 })
        {
            var body = new byte[length];
            random.NextBytes(body);
            using var whole = await client.PostAsync(Path("echo"), new ByteArrayContent(body));
            Assert.Equal(body, await whole.Content.ReadAsByteArrayAsync());
            using var chunked = new HttpRequestMessage(HttpMethod.Put, Path("echo")) { Content = new ByteArrayContent(body) };
            chunked.Headers.TransferEncodingChunked = true;
            using var answer = await client.SendAsync(chunked);
            Assert.Equal(body, await answer.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task Round_robin_serves_all_addresses_of_each_upstream_also_when_two_are_asked_by_turns()
    {
        await using var a = await Upstream.StartAsync("a");
        await using var b = await Upstream.StartAsync("b");
        await _gateway.ApplyAsync(string.Join("---\n", new[] { "one", "two" }.Select(which => $$"""
            kind: Upstream
            name: {{_name}}-{{which}}
            addresses: [{{a.Address}}, {{b.Address}}]
            loadBalancing: roundRobin
            ---
            kind: Route
            name: {{_name}}-{{which}}
            match: { path: "/{{_name}}/{{which}}" }
            split: [{ upstream: {{_name}}-{{which}} }]

            """)));
        using var client = _gateway.Client();
        var answers = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            answers.Add("one " + await client.GetStringAsync(Path("one")));
            answers.Add("two " + await client.GetStringAsync(Path("two")));
        }

        Assert.Equal(["one a", "one b", "two a", "two b"], answers.Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    [InlineData(404)]
    [InlineData(503)]
    public async Task A_status_passes_as_it_is(int status)
    {
        await using var upstream = await Upstream.StartAsync((http, _) =>
        {
            http.Response.StatusCode = status;
            http.Response.Headers.ETag = "\"1\"";
            return Task.CompletedTask;
        });
        using var client = await ClientAsync(upstream.Address);
        using var answer = await client.GetAsync(Path("x"));

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("\"1\"", answer.Headers.ETag!.Tag);
    }

    [Fact]
    public async Task HEAD_is_answered_with_the_length_and_without_a_body()
    {
        await using var upstream = await Upstream.StartAsync(static (http, _) =>
        {
            http.Response.ContentLength = 1234;
            return Task.CompletedTask;
        });
        using var client = await ClientAsync(upstream.Address);
        using var answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, Path("x")));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(1234, answer.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_web_socket_passes()
    {
        await using var upstream = await EchoingSocket.StartAsync();
        using var client = await ClientAsync(upstream.Address);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(_gateway.Edge) { Scheme = "ws", Path = Path("socket") }.Uri, CancellationToken.None);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        var buffer = new byte[64];
        var got = await socket.ReceiveAsync(buffer, CancellationToken.None);

        Assert.Equal("hello"u8.ToArray(), buffer[..got.Count]);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage answer)
    {
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
    }

    private string Path(string rest) => $"/{_name}/{rest}";

    private async Task<HttpClient> ClientAsync(string address, string? timeouts = null, string access = "public", string? key = null)
    {
        await _gateway.ApplyAsync($$"""
            kind: Upstream
            name: {{_name}}
            addresses: [{{address}}]
            {{(timeouts is null ? "" : $"timeouts: {timeouts}")}}
            ---
            kind: Route
            name: {{_name}}
            match: { path: "/{{_name}}/{**rest}" }
            access: {{access}}
            split: [{ upstream: {{_name}} }]
            """);
        return _gateway.Client(key);
    }
}
