using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Dialects.Sandbox;

/// <summary>
/// A provider inside the edge that speaks as OpenAI does, so that requests for it go the same way as all others: text that is the same each time, streams, tools,
/// usage, embeddings, and errors and delays on request. It is no model, and says so.
/// </summary>
internal sealed class SandboxProvider(TimeProvider time) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(((BodyContent)request.Content!).Body);
        var root = document.RootElement;
        var model = root.GetProperty("model").GetString()!;
        if (SandboxSettings.Read(model, out var wrong) is not { } settings)
        {
            return Error(400, wrong, "invalid_sandbox_query");
        }

        if (request.RequestUri!.AbsolutePath.EndsWith("/embeddings", StringComparison.Ordinal))
        {
            return settings.Error is { } status ? Asked(status) : Json(SandboxEmbeddings.Answer(root, model));
        }

        var streams = root.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True;
        if (settings.Error is { } error && (!streams || settings.After == 0))
        {
            return Asked(error);
        }

        var reply = SandboxReply.Plan(root, settings);
        var answer = new SandboxAnswer(model, time.GetUtcNow().ToUnixTimeSeconds(), reply);
        if (streams)
        {
            var usage = root.TryGetProperty("stream_options", out var options) && options.ValueKind == JsonValueKind.Object
                && options.TryGetProperty("include_usage", out var include) && include.ValueKind == JsonValueKind.True;
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new SandboxStream(answer, settings, usage, time) };
        }

        if (settings.Delay > TimeSpan.Zero)
        {
            await Task.Delay(settings.Delay * Math.Max(1, reply.Pieces.Count), time, cancellationToken);
        }

        return Json(answer.Whole());
    }

    private static HttpResponseMessage Asked(int status) =>
        Error(status, "The sandbox answers with this error because it was asked to.", status == 429 ? "rate_limit_exceeded" : "sandbox_error");

    private static HttpResponseMessage Error(int status, string message, string code) => Answer((HttpStatusCode)status, OpenAIErrors.Write(status, message, code, null));

    private static HttpResponseMessage Json(JsonNode body) => Answer(HttpStatusCode.OK, JsonSerializer.SerializeToUtf8Bytes(body));

    private static HttpResponseMessage Answer(HttpStatusCode status, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpResponseMessage(status) { Content = content };
    }
}
