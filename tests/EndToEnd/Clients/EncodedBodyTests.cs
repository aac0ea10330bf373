using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Packed bodies: nothing that this gateway reads is unpacked, so a small body is never a large one; what it does not read passes as it is.</summary>
public sealed class EncodedBodyTests(ClassGateway shared) : IClassFixture<ClassGateway>
{
    private const int Unpacked = 64 * 1024 * 1024;
    private static readonly Lazy<byte[]> Bomb = new(() => Pack(new byte[Unpacked]));

    private readonly string _name = $"e{Guid.NewGuid():n}"[..12];

    private CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/chat/completions", "application/json", "gzip")]
    [InlineData("/v1/messages", "application/json", "br")]
    [InlineData("/v1/embeddings", "application/json", "identity, gzip")]
    [InlineData("/v1/moderations", "application/json", "deflate")]
    [InlineData("/v1/audio/transcriptions", "multipart/form-data; boundary=x", "gzip")]
    [InlineData("/v1/feedback", "application/json", "zstd")]
    public async Task What_is_read_for_models_is_refused_packed(string path, string type, string encoding)
    {
        await using var upstream = await OwnModel.StartAsync();
        var key = await OwnModel.ApplyAsync(shared.Gateway, _name, OwnModel.Bundle(_name, upstream));
        using var answer = await SendAsync(shared.Gateway.Client(key), path, Bomb.Value, type, encoding);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Contains("Content-Encoding", await answer.Content.ReadAsStringAsync(Ended), StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task What_a_route_checks_is_refused_packed_and_what_it_does_not_passes_as_it_is_within_its_bound()
    {
        await using var upstream = await Upstream.StartAsync("there");
        await shared.Gateway.ApplyAsync($$"""
            { kind: Upstream, name: {{_name}}, addresses: ["{{upstream.Address}}"] }
            ---
            { kind: Route, name: {{_name}}, match: { path: "/{{_name}}/passed" }, split: [{ upstream: {{_name}} }], limits: { requestBody: 128KiB } }
            ---
            { kind: Route, name: {{_name}}-checked, match: { path: "/{{_name}}/checked" }, split: [{ upstream: {{_name}} }], validate: { body: { required: true } } }
            """);
        using var checkedAnswer = await SendAsync(shared.Gateway.Client(), $"/{_name}/checked", Bomb.Value, "application/json", "gzip");
        using var passed = await SendAsync(shared.Gateway.Client(), $"/{_name}/passed", Bomb.Value, "application/json", "gzip");

        Assert.Equal((HttpStatusCode.UnsupportedMediaType, HttpStatusCode.OK), (checkedAnswer.StatusCode, passed.StatusCode));
        Assert.Contains("Content-Encoding", await checkedAnswer.Content.ReadAsStringAsync(Ended), StringComparison.Ordinal);
        var request = Assert.Single(upstream.Requests);
        Assert.Equal("gzip", request.Headers["Content-Encoding"]);
        Assert.Equal(Bomb.Value, request.Body);
    }

    [Theory]
    [InlineData("apply")]
    [InlineData("tenants")]
    public async Task The_admin_API_refuses_what_is_packed(string path)
    {
        using var client = new HttpClient { BaseAddress = shared.Gateway.Sluice.Admin };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", shared.Gateway.AdminKey);
        using var answer = await SendAsync(client, $"/api/v1/{path}", Bomb.Value, "application/json", "gzip");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Contains("Content-Encoding", await answer.Content.ReadAsStringAsync(Ended), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/event-stream")]
    public async Task A_providers_packed_answer_is_refused_and_counts_whole(string type)
    {
        await using var upstream = await Upstream.StartAsync(async (http, _) =>
        {
            (http.Response.ContentType, http.Response.Headers.ContentEncoding) = (type, "gzip");
            await http.Response.Body.WriteAsync(Bomb.Value, http.RequestAborted);
        });
        var key = await OwnModel.ApplyAsync(shared.Gateway, _name, OwnModel.Bundle(_name, upstream), OwnModel.Budget(_name, 10_000));
        using var answer = await SendAsync(
            shared.Gateway.Client(key), "/v1/chat/completions", Encoding.UTF8.GetBytes($$"""{"model":"{{_name}}","max_tokens":100,"messages":[{"role":"user","content":"Hello"}]}"""), "application/json", null);

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Contains("Content-Encoding: gzip", await answer.Content.ReadAsStringAsync(Ended), StringComparison.Ordinal);
        Assert.Empty(answer.Content.Headers.ContentEncoding);
        Assert.Equal(100, (await shared.Gateway.Admin.UsageAsync(_name, 1)).OutputTokens);
    }

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string path, byte[] body, string type, string? encoding)
    {
        using var owned = client;
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        foreach (var one in encoding?.Split(", ") ?? [])
        {
            request.Content.Headers.ContentEncoding.Add(one);
        }

        return await client.SendAsync(request);
    }
}
