using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.EndToEnd.Clients;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Monitoring;

/// <summary>Whatever a request is, its revision counts as in use until it has ended.</summary>
public sealed class InUseTests(InUseTests.OwnGateway own) : IClassFixture<InUseTests.OwnGateway>
{
    private static int _ports = 9101;
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Gateway _gateway = own.Gateway;

    [Fact]
    public async Task A_streamed_model_call_keeps_its_revision_in_use()
    {
        using var client = _gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = Gateway.Json("""{"model":"sandbox?tokens=100000&delay=20ms","stream":true,"messages":[{"role":"user","content":"hello"}]}"""),
        };
        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();

        await ReplacedAsync(Gateway.RevisionOf(answer));

        answer.Dispose();
        await NoneAsync();
    }

    [Fact]
    public async Task An_upgraded_connection_keeps_its_revision_in_use()
    {
        await using var upstream = await EchoingSocket.StartAsync();
        var revision = await RouteAsync(upstream.Address);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(_gateway.Edge) { Scheme = "ws", Path = "/held/socket" }.Uri, TestContext.Current.CancellationToken);

        await ReplacedAsync(revision);

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        await NoneAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_plain_request_keeps_its_revision_in_use_by_either_client(bool chunked)
    {
        await using var upstream = await Upstream.StartAsync(async (http, _) =>
        {
            await _answer.Task.WaitAsync(http.RequestAborted);
            await http.Response.WriteAsync("answer", http.RequestAborted);
        });
        var revision = await RouteAsync(upstream.Address);
        using var client = _gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/held/x") { Content = new StringContent("body") };
        request.Headers.TransferEncodingChunked = chunked;
        var sent = client.SendAsync(request, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => Task.FromResult(!upstream.Requests.IsEmpty), "the upstream has the request");

        await ReplacedAsync(revision);

        _answer.SetResult();
        using var answer = await sent;
        Assert.Equal(revision, Gateway.RevisionOf(answer));
        await NoneAsync();
    }

    // Another revision comes; the edge tells of the one that is still in use, and so does the command line.
    private async Task ReplacedAsync(long revision)
    {
        var next = await _gateway.ApplyAsync(FormattableString.Invariant($"kind: Upstream\nname: other\naddresses: [http://127.0.0.1:{Interlocked.Increment(ref _ports)}]\n"));
        var edge = default(JsonElement);
        await Eventually.TrueAsync(async () => (edge = await EdgeAsync()).GetProperty("oldRevisions").GetInt32() == 1, "one old revision is in use");

        var used = edge.GetProperty("inUse").EnumerateArray().ToArray();
        Assert.Equal([next, revision], used.Select(u => u.GetProperty("revision").GetInt64()));
        Assert.Equal(1, used[1].GetProperty("inFlight").GetInt64());
        Assert.Matches("^[0-9]+(ms|s|m)$", used[1].GetProperty("replacedFor").GetString());
        Assert.Equal(used[1].GetProperty("replacedFor").GetString(), edge.GetProperty("oldestReplaced").GetString());
        Assert.Matches("1, oldest [0-9]+(ms|s|m)", await new Shell(_gateway).DoneAsync("edges"));
    }

    private Task NoneAsync() => Eventually.TrueAsync(
        async () => await EdgeAsync() is var edge && edge.GetProperty("oldRevisions").GetInt32() == 0 && edge.GetProperty("inUse").GetArrayLength() == 1 && !edge.TryGetProperty("oldestReplaced", out _),
        "no old revision is in use");

    private async Task<JsonElement> EdgeAsync() => Assert.Single((await _gateway.Admin.GetAsync("edges")).GetProperty("items").EnumerateArray().ToArray());

    private Task<long> RouteAsync(string address) => _gateway.ApplyAsync($$"""
        kind: Upstream
        name: held
        addresses: [{{address}}]
        ---
        kind: Route
        name: held
        match: { path: "/held/{**rest}" }
        split: [{ upstream: held }]
        """);

    /// <summary>One on which nothing but these tests is in use.</summary>
    public sealed class OwnGateway : ClassGateway;
}
