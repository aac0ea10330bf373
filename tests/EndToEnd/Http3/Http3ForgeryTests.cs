using System.Runtime.Versioning;
using System.Text;
using Sluice.Tests.EndToEnd.Clients;
using Sluice.Tests.EndToEnd.Http2;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Http3;

/// <summary>What <see cref="ForgeryTests"/> tries in the frames of HTTP/2, in those of HTTP/3.</summary>
[Collection(Http3Gateway.Name)]
[SupportedOSPlatform("linux")]
public sealed class Http3ForgeryTests(Http3Gateway shared) : IAsyncLifetime
{
    private const string Second = "GET /second HTTP/1.1\r\nhost: a\r\n\r\n";
    private readonly string _name = $"f{Guid.NewGuid():n}"[..12];
    private RawUpstream? _upstream;

    private RawUpstream Behind => _upstream!;

    public async ValueTask InitializeAsync()
    {
        var tls = shared.Tls;
        _upstream = new RawUpstream(static _ => ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false));
        await shared.Gateway.Admin.ApplyAsync($$"""
            {{tls.Authority.Issue([$"{_name}.test"]).Bundle(_name)}}
            ---
            { kind: Upstream, name: {{_name}}, addresses: ["{{_upstream.Address}}"] }
            ---
            { kind: Route, name: {{_name}}, match: { path: "/{{_name}}/{**rest}" }, split: [{ upstream: {{_name}} }] }
            """);
    }

    public ValueTask DisposeAsync() => _upstream?.DisposeAsync() ?? default;

    [Theory]
    [MemberData(nameof(ForgeryTests.Headers), MemberType = typeof(ForgeryTests))]
    public async Task A_header_that_would_be_another_one_in_lines_is_refused(string what, string name, string value) =>
        await RefusedAsync(what, [.. Request("POST"), (name, value)]);

    [Theory]
    [MemberData(nameof(ForgeryTests.Lines), MemberType = typeof(ForgeryTests))]
    public async Task A_request_line_of_other_words_than_its_own_is_refused(string what, string name, string value) =>
        await RefusedAsync(what, [.. Request("GET").Select(header => string.Equals(header.Name, name, StringComparison.Ordinal) ? (name, value.Replace("{0}", _name, StringComparison.Ordinal)) : header)]);

    [Theory]
    [InlineData("0", Second)]
    [InlineData("4", Second)]
    [InlineData("400", Second)]
    [InlineData("4, 4", "abcd")]
    [InlineData("-1", "")]
    public async Task A_length_that_is_not_the_bodys_reaches_no_upstream(string length, string body)
    {
        await using var peer = await ConnectAsync();

        Assert.NotEqual("200", await peer.AskAsync([.. Request("POST"), ("content-length", length)], Encoding.ASCII.GetBytes(body)));
        Assert.DoesNotContain("second", Behind.Received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "Content-Length: 33\r\n", "\r\n\r\n" + Second)]
    [InlineData(false, "Transfer-Encoding: chunked\r\n", "\r\n\r\n21\r\n" + Second + "\r\n0\r\n\r\n")]
    public async Task A_body_that_reads_like_a_request_stays_a_body(bool tellsLength, string framing, string body)
    {
        await using var peer = await ConnectAsync();

        Assert.Equal("200", await peer.AskAsync([.. Request("POST"), .. tellsLength ? new[] { ("content-length", "33") } : []], Encoding.ASCII.GetBytes(Second)));
        await Eventually.TrueAsync(() => Task.FromResult(Behind.Received.EndsWith(body, StringComparison.Ordinal)), "the body arrives as it was sent");
        Assert.StartsWith($"POST /{_name}/x HTTP/1.1\r\n", Behind.Received, StringComparison.Ordinal);
        Assert.Contains(framing, Behind.Received, StringComparison.Ordinal);
        Assert.NotEqual(tellsLength, Behind.Received.Contains("Transfer-Encoding", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Of_a_host_beside_the_authority_nothing_reaches_an_upstream()
    {
        await using var peer = await ConnectAsync();

        Assert.Equal("200", await peer.AskAsync([.. Request("GET"), ("host", "other.example")]));
        Assert.DoesNotContain("other.example", Behind.Received, StringComparison.Ordinal);
        Assert.Contains($"X-Forwarded-Host: {_name}.test\r\n", Behind.Received, StringComparison.Ordinal);
    }

    private Task<QuicPeer> ConnectAsync() => QuicPeer.ConnectAsync(shared.Tls, $"{_name}.test");

    private (string Name, string Value)[] Request(string method) => [(":method", method), (":scheme", "https"), (":path", $"/{_name}/x"), (":authority", $"{_name}.test")];

    private async Task RefusedAsync(string what, (string Name, string Value)[] headers)
    {
        await using var peer = await ConnectAsync();

        var answer = await peer.AskAsync(headers);
        Assert.True(answer is "400" or "RESET" or "CLOSED", $"{what}: {answer}");
        Assert.Empty(Behind.Received);
        if (answer is "400")
        {
            Assert.Equal(QuicPeer.NoError, await peer.ClosedAsync());
        }
    }
}
