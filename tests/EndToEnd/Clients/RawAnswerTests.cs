using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Answers as servers really write them, byte by byte: connections that end, answers that could be read in two ways, more bytes than were told.</summary>
public sealed class RawAnswerTests(SharedGateway shared)
{
    private const string Good = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"w{Guid.NewGuid():n}"[..12];

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\ntill the end", "till the end")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\ntill the end", "till the end")]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\ngood", "good")]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n", "good")]
    public async Task An_answer_that_ends_with_its_connection_passes(string answer, string body)
    {
        await using var upstream = new RawUpstream(_ => (answer, true));
        using var client = await ClientAsync(upstream);

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(body, await client.GetStringAsync(Path));
        }

        Assert.Equal(3, upstream.Connections);
    }

    [Theory]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n" + Good)]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + Good)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ngo\r\n2;x=y\r\nod\r\n0\r\nTrailer: x\r\n\r\n")]
    public async Task What_comes_before_and_within_an_answer_is_left_out_and_the_connection_is_kept(string answer)
    {
        await using var upstream = new RawUpstream(_ => (answer, false));
        using var client = await ClientAsync(upstream);

        for (var i = 0; i < 3; i++)
        {
            using var got = await client.GetAsync(Path);
            Assert.Equal("good", await got.Content.ReadAsStringAsync());
            Assert.False(got.Headers.Contains("Link"));
        }

        Assert.Equal(1, upstream.Connections);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\ngood!")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX-A: b\r\n folded\r\nContent-Length: 4\r\n\r\ngood")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")]
    [InlineData("220 smtp.example.com ESMTP\r\n")]
    public async Task An_answer_that_cannot_be_trusted_is_told_as_one_and_its_connection_is_not_used_again(string answer)
    {
        await using var upstream = new RawUpstream(n => n == 1 ? (answer, false) : (Good, false));
        using var client = await ClientAsync(upstream);

        using var refused = await client.GetAsync(Path);
        Assert.Equal(HttpStatusCode.BadGateway, refused.StatusCode);
        Assert.Equal("good", await client.GetStringAsync(Path));
        Assert.Equal(2, upstream.Connections);
    }

    [Fact]
    public async Task What_follows_an_answer_unasked_reaches_nobody()
    {
        await using var upstream = new RawUpstream(n => n == 1 ? (Good + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", false) : (Good, false));
        using var client = await ClientAsync(upstream);

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("good", await client.GetStringAsync(Path));
        }
    }

    [Fact]
    public async Task A_connection_that_was_closed_while_it_was_idle_costs_no_request()
    {
        // Each answer promises to keep the connection, and is followed by its end.
        await using var upstream = new RawUpstream(static _ => (Good, true));
        using var client = await ClientAsync(upstream);

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("good", await client.GetStringAsync(Path));
        }
    }

    [Fact]
    public async Task An_answer_that_is_shorter_than_it_told_is_not_passed_on_as_whole()
    {
        await using var upstream = new RawUpstream(static _ => ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", true));
        using var client = await ClientAsync(upstream);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetStringAsync(Path));
    }

    [Fact]
    public async Task Cookies_stay_apart_and_headers_of_the_connection_stay_behind()
    {
        await using var upstream = new RawUpstream(static _ => (
            "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2, c\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nX-Own: caf\u00e9\r\nContent-Length: 4\r\n\r\ngood", false));
        var answer = await RawConnection.SendAsync(await ReadyAsync(upstream), $"GET {Path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        Assert.Contains("\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2, c\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nX-Own: caf\u00e9\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Hop", answer, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Keep-Alive", answer, StringComparison.OrdinalIgnoreCase);
    }

    private string Path => $"/{_name}/x";

    private async Task<Uri> ReadyAsync(RawUpstream upstream)
    {
        await _gateway.ApplyAsync($$"""
            kind: Upstream
            name: {{_name}}
            addresses: [{{upstream.Address}}]
            ---
            kind: Route
            name: {{_name}}
            match: { path: "/{{_name}}/{**rest}" }
            split: [{ upstream: {{_name}} }]
            """);
        return _gateway.Edge;
    }

    private async Task<HttpClient> ClientAsync(RawUpstream upstream)
    {
        await ReadyAsync(upstream);
        return _gateway.Client();
    }
}
