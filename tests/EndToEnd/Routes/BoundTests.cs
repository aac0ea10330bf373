using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Routes;

/// <summary>Bounds of bodies and time, and compressed answers; whole bodies go the lean way, chunked ones through YARP.</summary>
public sealed class BoundTests(BoundTests.Answering answering) : IClassFixture<BoundTests.Answering>
{
    private readonly string _name = $"b{Guid.NewGuid():n}"[..12];

    [Theory]
    [InlineData(1024, false, 200)]
    [InlineData(1025, false, 413)]
    [InlineData(900, true, 200)]
    [InlineData(100_000, true, 413)]
    public async Task A_client_may_send_so_much(int length, bool chunked, int status)
    {
        await RouteAsync("limits: { requestBody: 1KiB }");
        using var answer = await SendAsync("/small", chunked, length: length);

        Assert.Equal(status, (int)answer.StatusCode);
        if (status is 413)
        {
            Assert.Contains("request-too-large", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_that_says_it_is_too_long_is_a_502_and_one_that_becomes_so_is_cut(bool chunked)
    {
        await RouteAsync("limits: { responseBody: 64KiB }");
        using var small = await SendAsync("/small", chunked);
        using var said = await SendAsync("/long", chunked);
        using var grown = await Record.ExceptionAsync(() => ReadAsync("/growing", chunked)) is { } cut ? null : await SendAsync("/growing", chunked);

        Assert.Equal(HttpStatusCode.OK, small.StatusCode);
        Assert.Equal(HttpStatusCode.BadGateway, said.StatusCode);
        Assert.Contains("response-too-large", await said.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(grown is null, "an answer without a length was passed on whole");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_whole_request_has_its_time(bool chunked)
    {
        await RouteAsync("limits: { time: 300ms }");
        using var quick = await SendAsync("/small", chunked);
        using var silent = await SendAsync("/silent", chunked);
        var cut = await Record.ExceptionAsync(() => ReadAsync("/dripping", chunked));

        Assert.Equal(HttpStatusCode.OK, quick.StatusCode);
        Assert.Equal(HttpStatusCode.GatewayTimeout, silent.StatusCode);
        Assert.NotNull(cut);
    }

    [Theory]
    [InlineData("/json", "gzip", "gzip")]
    [InlineData("/json", "gzip, br", "br")]
    [InlineData("/json", "gzip;q=1, br;q=0.5", "gzip")]
    [InlineData("/json", "identity", null)]
    [InlineData("/json", null, null)]
    [InlineData("/small", "gzip", null)]
    [InlineData("/image", "gzip", null)]
    [InlineData("/encoded", "gzip", "x-own")]
    [InlineData("/range", "gzip", null)]
    [InlineData("/events", "gzip", null)]
    [InlineData("/kept", "gzip", null)]
    public async Task Answers_are_compressed_where_they_may_be(string path, string? accepted, string? encoding)
    {
        await RouteAsync("compress: { types: [\"text/*\", application/json], minSize: 2KiB }");
        foreach (var chunked in new[] { false, true })
        {
            using var answer = await SendAsync(path, chunked, accepted);

            Assert.Equal(encoding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
            var bytes = await answer.Content.ReadAsByteArrayAsync();
            if (encoding is "gzip" or "br")
            {
                Assert.True(bytes.Length < Answering.Json.Length / 10, string.Create(CultureInfo.InvariantCulture, $"{bytes.Length} bytes"));
                await using Stream plain = encoding is "br" ? new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress) : new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
                Assert.Equal(Answering.Json, await new StreamReader(plain).ReadToEndAsync());
                Assert.Equal("W/\"1\"", answer.Headers.ETag?.ToString());
            }

            if (path is "/json" && accepted is not null)
            {
                Assert.Contains("Accept-Encoding", answer.Headers.Vary);
            }
        }
    }

    private Task RouteAsync(string declared) => answering.Gateway.ApplyAsync($$"""
        kind: Upstream
        name: answering
        addresses: ["{{answering.Upstream.Address}}"]
        ---
        kind: Route
        name: {{_name}}
        match: { path: "/{{_name}}/{**rest}" }
        rewrite: { path: "/{rest}" }
        split: [{ upstream: answering }]
        {{declared}}
        """);

    private async Task<HttpResponseMessage> SendAsync(string path, bool chunked, string? accepted = null, int length = 10)
    {
        using var client = new HttpClient { BaseAddress = answering.Gateway.Edge, Timeout = TimeSpan.FromSeconds(30) };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/{_name}{path}") { Content = new StringContent(new string('x', length)), Headers = { TransferEncodingChunked = chunked } };
        if (accepted is not null)
        {
            request.Headers.Add("Accept-Encoding", accepted);
        }

        return await client.SendAsync(request);
    }

    private async Task ReadAsync(string path, bool chunked)
    {
        using var answer = await SendAsync(path, chunked);
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync();
    }

    /// <summary>A gateway, and an upstream that answers by the path.</summary>
    public sealed class Answering : IAsyncLifetime
    {
        public static readonly string Json = $"[{string.Join(',', Enumerable.Range(0, 2_000))}{string.Concat(Enumerable.Repeat(",\"the same again\"", 5_000))}]";

        public Gateway Gateway { get; private set; } = null!;

        public Upstream Upstream { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Gateway = await Gateway.StartAsync();
            Upstream = await Upstream.StartAsync(static (http, received) => AnswerAsync(http, received.Target));
        }

        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await Upstream.DisposeAsync();
        }

        private static async Task AnswerAsync(HttpContext http, string path)
        {
            var (response, aborted) = (http.Response, http.RequestAborted);
            response.Headers.ETag = "\"1\"";
            response.ContentType = path switch { "/image" => "image/png", "/events" => "text/event-stream", _ => "application/json; charset=utf-8" };
            switch (path)
            {
                case "/small":
                    response.ContentLength = 100;
                    await response.WriteAsync(new string(' ', 100), aborted);
                    break;
                case "/long":
                    response.ContentLength = 65 * 1024;
                    await response.WriteAsync(new string(' ', 65 * 1024), aborted);
                    break;
                case "/growing":
                    for (var i = 0; i < 40; i++)
                    {
                        await response.WriteAsync(new string(' ', 4 * 1024), aborted);
                        await response.Body.FlushAsync(aborted);
                    }

                    break;
                case "/silent":
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, aborted);
                    break;
                case "/dripping":
                    while (!aborted.IsCancellationRequested)
                    {
                        await response.WriteAsync(" ", aborted);
                        await response.Body.FlushAsync(aborted);
                        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, aborted);
                    }

                    break;
                case "/encoded":
                    response.Headers.ContentEncoding = "x-own";
                    await response.WriteAsync(Json, aborted);
                    break;
                case "/range":
                    response.StatusCode = StatusCodes.Status206PartialContent;
                    response.Headers.ContentRange = "bytes 0-9/100";
                    await response.WriteAsync(Json, aborted);
                    break;
                case "/kept":
                    response.Headers.CacheControl = "no-transform";
                    await response.WriteAsync(Json, aborted);
                    break;
                default:
                    response.ContentLength = Encoding.UTF8.GetByteCount(Json);
                    await response.WriteAsync(Json, aborted);
                    break;
            }
        }
    }
}
