using System.Text;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>
/// Requests that two servers in a row could read as a different number of requests, or for different paths: refused with 400, the connection closed, and
/// nothing of them reaches what stands behind (docs/security.md).
/// </summary>
public sealed class SmugglingTests(SharedGateway shared) : IAsyncLifetime
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"m{Guid.NewGuid():n}"[..12];
    private Upstream _upstream = null!;

    public static TheoryData<string, string> Ambiguous => new()
    {
        { "Content-Length with Transfer-Encoding", "POST /{0} HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /{0}/second HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "Transfer-Encoding with Content-Length", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n" },
        { "two lengths", "POST /{0} HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde" },
        { "two equal lengths", "POST /{0} HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd" },
        { "a list of lengths", "POST /{0} HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 4\r\n\r\nabcd" },
        { "a negative length", "POST /{0} HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n" },
        { "a length in hexadecimal", "POST /{0} HTTP/1.1\r\nHost: a\r\nContent-Length: 0x4\r\n\r\nabcd" },
        { "a length beyond all numbers", "POST /{0} HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551620\r\n\r\nabcd" },
        { "an empty coding before chunked", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n" },
        { "two chunked", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "chunked twice in a line", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" },
        { "identity after chunked", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" },
        { "a coding that nobody knows", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" },
        { "gzip before chunked", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" },
        { "chunked in HTTP/1.0", "POST /{0} HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "a space before the colon", "POST /{0} HTTP/1.1\r\nHost: a\r\nContent-Length : 4\r\n\r\nabcd" },
        { "a folded line", "POST /{0} HTTP/1.1\r\nHost: a\r\nX-A: b\r\n Content-Length: 4\r\nContent-Length: 0\r\n\r\n" },
        { "a bare line feed behind a header", "GET /{0} HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n" },
        { "bare line feeds alone", "GET /{0} HTTP/1.1\nHost: a\n\n" },
        { "a bare carriage return in a value", "GET /{0} HTTP/1.1\r\nHost: a\r\nX-A: b\rX-C: d\r\n\r\n" },
        { "NUL in a value", "GET /{0} HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n" },
        { "no host", "GET /{0} HTTP/1.1\r\n\r\n" },
        { "two hosts", "GET /{0} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" },
        { "a chunk's size that is no number", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n" },
        { "a chunk without its line end", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabXX0\r\n\r\n" },
        { "a vertical tabulator before chunked", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n" },
        { "a form feed behind chunked", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\f\r\n\r\n0\r\n\r\n" },
        { "chunked in quotes", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" },
        { "chunked with a parameter", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n" },
        { "an empty coding", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\nContent-Length: 4\r\n\r\nabcd" },
        { "a coding that begins with a bare line feed", "POST /{0} HTTP/1.1\r\nHost: a\r\nX-A: b\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\nabcd" },
        { "a space before a header's name", "POST /{0} HTTP/1.1\r\nHost: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "a tabulator before the colon", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n" },
        { "a header without a name", "GET /{0} HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n" },
        { "a header without a colon", "GET /{0} HTTP/1.1\r\nHost: a\r\nX-A\r\n\r\n" },
        { "a chunk's size with a sign", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n+2\r\nab\r\n0\r\n\r\n" },
        { "a chunk's size with its base", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\nab\r\n0\r\n\r\n" },
        { "a chunk's size beyond all numbers", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100000000000000002\r\nab\r\n0\r\n\r\n" },
        { "a bare line feed behind a chunk's size", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\nab\r\n0\r\n\r\n" },
        { "a bare line feed in a chunk's extension", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;\nxx\r\n45\r\n0\r\n\r\nGET /{0}/second HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" },
        { "a bare carriage return in a chunk's extension", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;\rxx\r\nab\r\n0\r\n\r\n" },
        { "a bare line feed behind a chunk", "POST /{0} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\n0\r\n\r\n" },
        { "a target of another host than Host", "GET http://b/{0} HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "a list of hosts", "GET /{0} HTTP/1.1\r\nHost: a, b\r\n\r\n" },
        { "a host with a user", "GET /{0} HTTP/1.1\r\nHost: me@a\r\n\r\n" },
        { "a host with a path", "GET /{0} HTTP/1.1\r\nHost: a/b\r\n\r\n" },
        { "a fragment", "GET /{0}#y HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "two spaces in the first line", "GET  /{0} HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "an encoded slash", "GET /{0}%2fadmin HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "an encoded backslash", "GET /{0}%5Cadmin HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "encoded dots", "GET /{0}/%2e%2E/admin HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "dots encoded twice", "GET /{0}/%252e%252E/admin HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "a slash encoded twice", "GET /{0}%252Fadmin HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "an encoded NUL", "GET /{0}/a%00b HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "a backslash", "GET /{0}\\admin HTTP/1.1\r\nHost: a\r\n\r\n" },
        { "an empty segment", "GET //{0} HTTP/1.1\r\nHost: a\r\n\r\n" },
    };

    public async ValueTask InitializeAsync()
    {
        _upstream = await Upstream.StartAsync("behind");
        await _gateway.ApplyAsync($$"""
            kind: Upstream
            name: {{_name}}
            addresses: [{{_upstream.Address}}]
            ---
            kind: Route
            name: {{_name}}
            match: { path: "/{{_name}}/{**rest}" }
            split: [{ upstream: {{_name}} }]
            """);
    }

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    [Theory]
    [MemberData(nameof(Ambiguous))]
    public async Task What_servers_read_differently_is_refused_and_ends_the_connection(string what, string request)
    {
        var answer = await RawConnection.SendAsync(_gateway.Edge, string.Format(null, CompositeFormat.Parse(request.Replace("{0}", "{0}/x", StringComparison.Ordinal)), _name));

        Assert.True(answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal), $"{what}: {answer}");
        Assert.Equal(answer.IndexOf("HTTP/1.1", StringComparison.Ordinal), answer.LastIndexOf("HTTP/1.1", StringComparison.Ordinal));
        Assert.True(_upstream.Requests.IsEmpty, what);
    }

    [Theory]
    [InlineData("TRACE")]
    [InlineData("CONNECT")]
    public async Task Methods_that_show_or_open_what_is_behind_are_not_served(string method)
    {
        var target = method is "CONNECT" ? "a:80" : $"/{_name}/x";
        var answer = await RawConnection.SendAsync(_gateway.Edge, $"{method} {target} HTTP/1.1\r\nHost: a:80\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 405 ", answer, StringComparison.Ordinal);
        Assert.Empty(_upstream.Requests);
    }

    [Fact]
    public async Task What_is_said_of_the_connection_cannot_take_headers_of_the_gateway_away()
    {
        // The server keeps no other word of a list that holds close or keep-alive, so the connection is closed by a second request.
        var answer = await RawConnection.SendAsync(
            _gateway.Edge,
            $"GET /{_name}/x HTTP/1.1\r\nHost: a\r\nConnection: X-Forwarded-For, X-Own, sluice-request-id\r\nX-Own: 1\r\nX-Forwarded-For: 6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nSluice-Request-Id: mine\r\nX-Stays: 1\r\n\r\nGET /{_name}/y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        var headers = _upstream.Requests.First().Headers;
        Assert.Equal("127.0.0.1", headers["X-Forwarded-For"]);
        Assert.Equal("1", headers["X-Stays"]);
        Assert.NotEqual("mine", headers["sluice-request-id"]);
        Assert.DoesNotContain("X-Own", headers.Keys);
        Assert.DoesNotContain("Forwarded", headers.Keys);
        Assert.DoesNotContain("X_Forwarded_For", headers.Keys);
    }

    [Fact]
    public async Task A_body_in_chunks_arrives_whole_and_the_next_request_is_its_own()
    {
        var answer = await RawConnection.SendAsync(
            _gateway.Edge,
            $"POST /{_name}/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET /{_name}/b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        Assert.Equal(3, answer.Split("HTTP/1.1 200 OK").Length);
        Assert.Equal(["/" + _name + "/a", "/" + _name + "/b"], _upstream.Requests.Select(r => r.Target));
        Assert.Equal("abcde"u8.ToArray(), _upstream.Requests.First().Body);
    }
}
