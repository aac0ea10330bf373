using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>What a client does wrong is told in OpenAI's form, with its place; no provider is called and nothing is charged.</summary>
public sealed class BadRequestTests(SharedGateway shared) : IAsyncLifetime
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]";
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"b{Guid.NewGuid():n}"[..12];
    private Upstream _provider = null!;
    private string _key = "";

    /// <summary>A body (<c>@</c> is the model's name); the field and a part of the message that are told.</summary>
    public static TheoryData<string, string, string?, string> ChatBodies => new()
    {
        { "nothing", "", null, "not valid JSON" },
        { "a word", "hello", null, "not valid JSON, at line 1, byte 1" },
        { "a list", "[]", null, "must be a JSON object" },
        { "null", "null", null, "must be a JSON object" },
        { "an object that does not end", "{\"model\":\"@\",", null, "not valid JSON" },
        { "a comma too many", "{\"model\":\"@\"," + Messages + ",}", null, "not valid JSON" },
        { "two objects", "{\"model\":\"@\"," + Messages + "}{}", null, "not valid JSON" },
        { "a comment", "{\"model\":\"@\",/* why */" + Messages + "}", null, "not valid JSON" },
        { "text that is not UTF-8", "{\"model\":\"@\"," + Messages + ",\"user\":\"\u00ff\"}", null, "not valid JSON" },
        { "a nesting of 65", "{\"model\":\"@\"," + Messages + ",\"x\":" + new string('[', 64) + new string(']', 64) + "}", null, "nested deeper than 64" },
        { "a nesting of 100,000", "{\"model\":\"@\",\"x\":" + new string('[', 100_000), null, "nested deeper than 64" },
        { "no model", "{" + Messages + "}", "model", "You must provide a model" },
        { "a model that is a number", "{\"model\":4," + Messages + "}", "model", "'model' must be a string" },
        { "a model that is an empty text", "{\"model\":\"\"," + Messages + "}", "model", "does not exist" },
        { "two models", "{\"model\":\"@\",\"model\":\"other\"," + Messages + "}", "model", "stands twice" },
        { "a model twice, once escaped", "{\"model\":\"@\",\"mod\\u0065l\":\"other\"," + Messages + "}", "model", "stands twice" },
        { "no messages", "{\"model\":\"@\"}", "messages", "Missing required parameter: 'messages'" },
        { "messages that are a text", "{\"model\":\"@\",\"messages\":\"Hello\"}", "messages", "'messages' must be a list" },
        { "messages that are null", "{\"model\":\"@\",\"messages\":null}", "messages", "Missing required parameter" },
        { "a stream that is a text", "{\"model\":\"@\",\"stream\":\"yes\"," + Messages + "}", "stream", "'stream' must be true or false" },
        { "stream options that are a list", "{\"model\":\"@\",\"stream_options\":[]," + Messages + "}", "stream_options", "must be an object" },
        { "a bound of nothing", "{\"model\":\"@\",\"max_tokens\":0," + Messages + "}", "max_tokens", "whole number from 1" },
        { "a bound below nothing", "{\"model\":\"@\",\"max_completion_tokens\":-5," + Messages + "}", "max_completion_tokens", "whole number from 1" },
        { "a bound that is a text", "{\"model\":\"@\",\"max_tokens\":\"5\"," + Messages + "}", "max_tokens", "whole number from 1" },
        { "a bound beyond all numbers", "{\"model\":\"@\",\"max_tokens\":99999999999999999999," + Messages + "}", "max_tokens", "whole number from 1" },
        { "half an answer", "{\"model\":\"@\",\"n\":0.5," + Messages + "}", "n", "whole number from 1" },
        { "a file that nothing bounds", "{\"model\":\"@\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"file_url\":\"f\"}}]}]}", "messages[0].content[0]", "tokens cannot be known" },
    };

    public async ValueTask InitializeAsync()
    {
        _provider = await Upstream.StartAsync("never asked");
        _key = await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle(_name, _provider), OwnModel.Budget(_name, 100_000));
    }

    public async ValueTask DisposeAsync()
    {
        Assert.Empty(_provider.Requests);
        var status = await _gateway.Admin.GetAsync($"budgets/{_name}/status");
        Assert.Equal(0, status.GetProperty("posted").GetInt64() + status.GetProperty("leases").EnumerateArray().Sum(l => l.GetProperty("spent").GetInt64()));
        await _provider.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(ChatBodies))]
    public async Task A_bad_body_is_told_with_its_field(string what, string body, string? field, string message)
    {
        var error = await RefusedAsync(Chat(body), field is "model" && message is "does not exist" ? HttpStatusCode.NotFound : HttpStatusCode.BadRequest);

        Assert.True(string.Equals(field, error.GetProperty("param").GetString(), StringComparison.Ordinal), $"{what}: {error}");
        Assert.Contains(message, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
    }

    [Fact]
    public async Task Embeddings_ask_for_their_input()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/embeddings") { Content = Gateway.Json($$"""{"model":"{{_name}}"}""") };
        var error = await RefusedAsync(request, HttpStatusCode.BadRequest);

        Assert.Equal("input", error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task A_model_that_is_not_there_is_told_by_its_name()
    {
        var error = await RefusedAsync(Chat($$"""{"model":"no-such-{{_name}}",{{Messages}}}"""), HttpStatusCode.NotFound);

        Assert.Equal("model_not_found", error.GetProperty("code").GetString());
        Assert.Contains($"'no-such-{_name}'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_above_thirty_two_mebibytes_is_refused_whether_its_length_is_told_or_not(bool told)
    {
        using var client = _gateway.Client(_key);
        using var request = Chat($$"""{"model":"{{_name}}","user":"{{new string('a', 32 * 1024 * 1024)}}",{{Messages}}}""");
        request.Headers.TransferEncodingChunked = !told;
        var error = await RefusedAsync(request, HttpStatusCode.RequestEntityTooLarge);

        Assert.Equal("request_too_large", error.GetProperty("code").GetString());
        Assert.Contains("32 MiB", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task Only_JSON_is_taken(string type)
    {
        using var request = Chat($$"""{"model":"{{_name}}",{{Messages}}}""");
        request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        var error = await RefusedAsync(request, HttpStatusCode.UnsupportedMediaType);

        Assert.Contains("'application/json'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_packed_body_is_not_unpacked()
    {
        using var request = Chat($$"""{"model":"{{_name}}",{{Messages}}}""");
        request.Content!.Headers.ContentEncoding.Add("gzip");
        await RefusedAsync(request, HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions", "POST")]
    [InlineData("PUT", "/v1/chat/completions", "POST")]
    [InlineData("DELETE", "/v1/embeddings", "POST")]
    [InlineData("POST", "/v1/models", "GET")]
    public async Task Another_method_is_told_the_right_one(string method, string path, string right)
    {
        using var client = _gateway.Client(_key);
        using var answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal([right], answer.Content.Headers.Allow);
        Assert.Contains(right, (await ErrorAsync(answer)).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no key", null)]
    [InlineData("an empty key", "")]
    [InlineData("a key of another make", "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789")]
    [InlineData("a key that is too long", "slc_live_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task Without_a_right_key_nothing_is_served(string what, string? key)
    {
        using var client = new HttpClient { BaseAddress = _gateway.Edge };
        using var request = Chat($$"""{"model":"{{_name}}",{{Messages}}}""");
        request.Headers.TryAddWithoutValidation("Authorization", key is null ? null : $"Bearer {key}");
        using var answer = await client.SendAsync(request);

        Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, what);
        Assert.Equal("invalid_api_key", (await ErrorAsync(answer)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Wrong_revoked_and_expired_keys_are_told_the_same()
    {
        var (id, revoked) = await _gateway.Admin.CreateKeyAsync(_name);
        using var known = _gateway.Client(revoked);
        Assert.True((await known.GetAsync("/v1/models")).IsSuccessStatusCode);
        await _gateway.Admin.DeleteAsync($"tenants/{_name}/keys/{id}");
        var expiring = (await _gateway.Admin.PostAsync($"tenants/{_name}/keys", new { expiresAt = TimeProvider.System.GetUtcNow().AddSeconds(2) })).GetProperty("key").GetString()!;
        using var soon = _gateway.Client(expiring);
        await Eventually.TrueAsync(async () => (await soon.GetAsync("/v1/models")).StatusCode == HttpStatusCode.Unauthorized, "the key has expired");

        // One sign of the key is another: its checksum is wrong.
        var wrong = _key[..^1] + (_key[^1] is 'a' ? 'b' : 'a');
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in new[] { revoked, expiring, wrong })
        {
            using var client = _gateway.Client(key);
            using var answer = await client.SendAsync(Chat($$"""{"model":"{{_name}}",{{Messages}}}"""));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            told.Add(await answer.Content.ReadAsStringAsync());
        }

        Assert.Single(told);
    }

    private static HttpRequestMessage Chat(string body) => new(HttpMethod.Post, "/v1/chat/completions") { Content = Gateway.Json(body) };

    private static async Task<JsonElement> ErrorAsync(HttpResponseMessage answer) =>
        JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("error");

    private async Task<JsonElement> RefusedAsync(HttpRequestMessage request, HttpStatusCode status)
    {
        if (request.Content is StringContent content)
        {
            // As bytes: a text need not be UTF-8.
            var type = content.Headers.ContentType;
            var encodings = content.Headers.ContentEncoding.ToArray();
            var text = (await content.ReadAsStringAsync()).Replace("@", _name, StringComparison.Ordinal);
            request.Content = new ByteArrayContent(Encoding.Latin1.GetBytes(text)) { Headers = { ContentType = type } };
            foreach (var encoding in encodings)
            {
                request.Content.Headers.ContentEncoding.Add(encoding);
            }
        }

        using var client = _gateway.Client(_key);
        using var answer = await client.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(status == answer.StatusCode, $"{(int)answer.StatusCode} {body}");
        Assert.True(answer.Headers.Contains("sluice-request-id"));
        return JsonSerializer.Deserialize<JsonElement>(body).GetProperty("error");
    }
}
