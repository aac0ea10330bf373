using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Idempotency;
using Sluice.Grains.Interfaces.Idempotency;

namespace Sluice.Tests.Unit.Edge.Idempotency;

public sealed class AnswerCaptureTests
{
    [Fact]
    public async Task An_answer_is_kept_while_it_goes_out_with_what_is_not_of_its_moment()
    {
        var (http, client) = Context();
        http.Response.StatusCode = 201;
        http.Response.Headers.ContentType = "text/event-stream";
        http.Response.Headers["sluice-cost"] = "0.1";
        http.Response.Headers["sluice-request-id"] = "req_1";
        http.Response.Headers["x-ratelimit-limit-requests"] = "5";
        http.Response.Headers.Connection = "close";
        http.Response.Headers.ContentLength = 11;
        await using var capture = new AnswerCapture(http);
        await http.Response.BodyWriter.WriteAsync("Hello "u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal("Hello ", Text(client));
        await http.Response.Body.WriteAsync("world"u8.ToArray(), TestContext.Current.CancellationToken);

        var kept = await capture.EndAsync();

        Assert.Equal("Hello world", Text(client));
        Assert.Equal("Hello world", Text(await PlainAsync(kept)));
        Assert.Equal(201, kept.Status);
        Assert.Equal([new("Content-Type", "text/event-stream"), new("sluice-cost", "0.1")], kept.Headers.OrderBy(h => h.Name, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_client_that_leaves_does_not_end_what_is_kept()
    {
        var (http, _) = Context(new Left());
        using var aborted = new CancellationTokenSource();
        http.RequestAborted = aborted.Token;
        await using var capture = new AnswerCapture(http);
        await http.Response.BodyWriter.WriteAsync("Hello "u8.ToArray(), TestContext.Current.CancellationToken);
        await aborted.CancelAsync();
        Assert.False(http.RequestAborted.IsCancellationRequested);
        await http.Response.BodyWriter.WriteAsync("world"u8.ToArray(), TestContext.Current.CancellationToken);

        var kept = await capture.EndAsync();

        Assert.Equal("Hello world", Text(await PlainAsync(kept)));
        Assert.True(http.RequestAborted.IsCancellationRequested);
    }

    [Theory]
    [InlineData(AnswerCapture.Most + 4096, true)]
    [InlineData(AnswerCapture.MostPlain + 1, false)]
    public async Task An_answer_beyond_its_bound_goes_out_and_is_not_kept(int length, bool isRandom)
    {
        var (http, client) = Context();
        var body = isRandom ? RandomNumberGenerator.GetBytes(length) : new byte[length];
        await using var capture = new AnswerCapture(http);
        foreach (var part in body.Chunk(64 * 1024))
        {
            await http.Response.Body.WriteAsync(part, TestContext.Current.CancellationToken);
        }

        Assert.Null((await capture.EndAsync()).Body);
        Assert.Equal(body.Length, client.Length);
    }

    private static (DefaultHttpContext Http, MemoryStream Client) Context(Stream? to = null)
    {
        var client = new MemoryStream();
        return (new DefaultHttpContext { Response = { Body = to ?? client } }, client);
    }

    private static string Text(MemoryStream stream) => System.Text.Encoding.UTF8.GetString(stream.ToArray());

    private static async Task<MemoryStream> PlainAsync(KeptAnswer kept)
    {
        var plain = new MemoryStream();
        await using var body = new BrotliStream(new MemoryStream(kept.Body!), CompressionMode.Decompress);
        await body.CopyToAsync(plain, TestContext.Current.CancellationToken);
        return plain;
    }

    private sealed class Left : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("The client left.");
    }
}
