using Sluice.Tests.EndToEnd.Clients;
using Sluice.Tests.Processes;
using static Sluice.Tests.EndToEnd.Http2.FrameType;

namespace Sluice.Tests.EndToEnd.Http2;

/// <summary>What was one request in frames is one request in lines: nothing of names, values, targets and bodies becomes a second one, or a header that only the edge may set (docs/http2.md).</summary>
[Collection(Http2Gateway.Name)]
public sealed class ForgeryTests(Http2Gateway shared) : IAsyncLifetime
{
    private const byte Whole = Frame.EndHeaders | Frame.EndStream;
    private const string Second = "GET /second HTTP/1.1\r\nhost: a\r\n\r\n";
    private readonly string _name = $"f{Guid.NewGuid():n}"[..12];
    private RawUpstream _upstream = null!;

    public static TheoryData<string, string, string> Headers => new()
    {
        { "H2.TE", "transfer-encoding", "chunked" },
        { "H2.TE in a name", "transfer-encoding: chunked\r\nx", "y" },
        { "H2.TE behind a colon", "transfer-encoding:chunked", "" },
        { "a header of the edge behind a colon", "x-forwarded-for:6.6.6.6", "y" },
        { "an identity behind a colon", "x-forwarded-client-cert:subject=admin", "y" },
        { "a request's id behind a colon", "sluice-request-id:mine", "y" },
        { "a second request in a value", "x", "y\r\n\r\nGET /second HTTP/1.1\r\nhost: a" },
        { "a second header in a value, by a line feed", "x", "y\nx-forwarded-for: 6.6.6.6" },
        { "a second header in a value, by a carriage return", "x", "y\rx-forwarded-for: 6.6.6.6" },
        { "a second host", "host", "b\r\nx-forwarded-for: 6.6.6.6" },
        { "a nominated header", "connection", "x-forwarded-for" },
    };

    public static TheoryData<string, string, string> Lines => new()
    {
        { "a line in the method", ":method", "GET /second HTTP/1.1\r\nhost: a\r\n\r\nGET" },
        { "a line in the path", ":path", "/{0}/x HTTP/1.1\r\nhost: a\r\n\r\nGET /second" },
        { "a version in the path", ":path", "/{0}/x HTTP/1.1" },
        { "a version in the query", ":path", "/{0}/x?a HTTP/1.1" },
        { "a line in the query", ":path", "/{0}/x?a\r\nx-forwarded-for: 6.6.6.6" },
        { "a line in the authority", ":authority", "a\r\nx-forwarded-for: 6.6.6.6" },
        { "a line in the scheme", ":scheme", "http\r\nx-forwarded-for: 6.6.6.6" },
    };

    public async ValueTask InitializeAsync()
    {
        _upstream = new RawUpstream(static _ => ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false));
        await shared.Gateway.ApplyAsync($$"""
            { kind: Upstream, name: {{_name}}, addresses: ["{{_upstream.Address}}"] }
            ---
            { kind: Route, name: {{_name}}, match: { path: "/{{_name}}/{**rest}" }, split: [{ upstream: {{_name}} }] }
            """);
    }

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task A_header_that_would_be_another_one_in_lines_is_refused(string what, string name, string value) =>
        await RefusedAsync(what, HeaderBlock.Request($"/{_name}/x", "POST", (name, value)));

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task A_request_line_of_other_words_than_its_own_is_refused(string what, string name, string value) =>
        await RefusedAsync(what, [.. HeaderBlock.Request($"/{_name}/x").Select(header => string.Equals(header.Name, name, StringComparison.Ordinal) ? (name, value.Replace("{0}", _name, StringComparison.Ordinal)) : header)]);

    [Theory]
    [InlineData("0", "GET /second HTTP/1.1\r\nhost: a\r\n\r\n")]
    [InlineData("4", "GET /second HTTP/1.1\r\nhost: a\r\n\r\n")]
    [InlineData("400", "GET /second HTTP/1.1\r\nhost: a\r\n\r\n")]
    [InlineData("4, 4", "abcd")]
    [InlineData("-1", "")]
    public async Task A_length_that_is_not_the_bodys_reaches_no_upstream(string length, string body)
    {
        await using var connection = await FramedConnection.ConnectAsync(shared.Port);
        connection.Post(1, $"/{_name}/x", ("content-length", length));
        connection.Send(Data, Frame.EndStream, 1, System.Text.Encoding.ASCII.GetBytes(body));
        await connection.FlushAsync();

        Assert.NotEqual("200", await connection.AnswerAsync(1));
        Assert.DoesNotContain("second", _upstream.Received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "Content-Length: 33\r\n", "\r\n\r\n" + Second)]
    [InlineData(false, "Transfer-Encoding: chunked\r\n", "\r\n\r\n21\r\n" + Second + "\r\n0\r\n\r\n")]
    public async Task A_body_that_reads_like_a_request_stays_a_body(bool tellsLength, string framing, string body)
    {
        await using var connection = await FramedConnection.ConnectAsync(shared.Port);
        connection.Post(1, $"/{_name}/x", tellsLength ? [("content-length", "33")] : []);
        connection.Send(Data, Frame.EndStream, 1, System.Text.Encoding.ASCII.GetBytes(Second));
        await connection.FlushAsync();

        Assert.Equal("200", await connection.AnswerAsync(1));
        await Eventually.TrueAsync(() => Task.FromResult(_upstream.Received.EndsWith(body, StringComparison.Ordinal)), "the body arrives as it was sent");
        var received = _upstream.Received;
        Assert.StartsWith($"POST /{_name}/x HTTP/1.1\r\n", received, StringComparison.Ordinal);
        Assert.Contains(framing, received, StringComparison.Ordinal);
        Assert.NotEqual(tellsLength, received.Contains("Transfer-Encoding", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Of_a_host_beside_the_authority_nothing_reaches_an_upstream()
    {
        await using var connection = await FramedConnection.ConnectAsync(shared.Port);
        connection.Headers(1, Whole, HeaderBlock.Request($"/{_name}/x", "GET", ("host", "other.example")));
        await connection.FlushAsync();

        Assert.Equal("200", await connection.AnswerAsync(1));
        Assert.DoesNotContain("other.example", _upstream.Received, StringComparison.Ordinal);
        Assert.Contains("X-Forwarded-Host: a\r\n", _upstream.Received, StringComparison.Ordinal);
    }

    private async Task RefusedAsync(string what, (string Name, string Value)[] headers)
    {
        await using var connection = await FramedConnection.ConnectAsync(shared.Port);
        connection.Headers(1, Whole, headers);
        await connection.FlushAsync();

        var answer = await connection.AnswerAsync(1);
        Assert.True(answer is "400" or "GOAWAY PROTOCOL_ERROR" or "RST_STREAM PROTOCOL_ERROR", $"{what}: {answer}");
        Assert.Empty(_upstream.Received);
    }
}
