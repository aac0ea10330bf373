using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Conformance;

/// <summary>The official JavaScript client with OpenAI's other endpoints, unchanged; <c>node/passed.mjs</c> says what it saw.</summary>
public sealed class PassedClientTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task Moderations_pictures_speech_and_its_text_are_as_the_client_expects()
    {
        await using var provider = await Upstream.StartAsync(AnswerAsync);
        await shared.Gateway.ApplyAsync($$"""
            kind: Provider
            name: passed
            address: {{provider.Address}}/v1
            ---
            kind: Model
            name: passed
            targets: [{ provider: passed, model: behind-it }]
            """);
        var seen = await NodeScript.RunAsync("passed.mjs", new Uri(shared.Gateway.Edge, "/v1").ToString(), shared.Gateway.TenantKey, "passed");

        Assert.Equal("false", seen["moderation"]);
        Assert.Equal("AAAA 5", seen["picture"]);
        Assert.Equal("AAAA 5", seen["edit"]);
        Assert.Equal("AAAA", seen["variation"]);
        Assert.Equal("fffb0001", seen["speech"]);
        Assert.Equal("Hello", seen["transcription"]);
        Assert.Equal("Hel|lo|Hello", seen["streamedTranscription"]);
        Assert.Equal("Hello", seen["translation"]);
        Assert.Equal("NotFoundError 404 model", seen["noModel"]);
        Assert.Equal("BadRequestError 400 model", seen["otherProvider"]);
        Assert.Equal("BadRequestError 400 image", seen["noFile"]);
        Assert.All(provider.Requests, request => Assert.Contains("behind-it", Encoding.Latin1.GetString(request.Body), StringComparison.Ordinal));
    }

    private static async Task AnswerAsync(HttpContext http, ReceivedRequest request)
    {
        const string Picture = """{"created":1,"data":[{"b64_json":"AAAA"}],"usage":{"total_tokens":5,"input_tokens":2,"output_tokens":3}}""";
        const string Pieces = "data: {\"type\":\"transcript.text.delta\",\"delta\":\"Hel\"}\n\ndata: {\"type\":\"transcript.text.delta\",\"delta\":\"lo\"}\n\n"
            + "data: {\"type\":\"transcript.text.done\",\"text\":\"Hello\",\"usage\":{\"type\":\"tokens\",\"input_tokens\":1,\"output_tokens\":1,\"total_tokens\":2}}\n\n";
        var isStreamed = Encoding.Latin1.GetString(request.Body).Contains("name=\"stream\"", StringComparison.Ordinal);
        if (request.Target is "/v1/audio/speech")
        {
            http.Response.ContentType = "audio/mpeg";
            await http.Response.Body.WriteAsync(new byte[] { 0xff, 0xfb, 0, 1 }, http.RequestAborted);
            return;
        }

        http.Response.ContentType = isStreamed ? "text/event-stream" : "application/json";
        await http.Response.WriteAsync(request.Target switch
        {
            "/v1/moderations" => """{"id":"modr-1","model":"omni","results":[{"flagged":false}]}""",
            "/v1/audio/transcriptions" when isStreamed => Pieces,
            "/v1/audio/transcriptions" or "/v1/audio/translations" => """{"text":"Hello"}""",
            _ => Picture,
        }, http.RequestAborted);
    }
}
