using System.Net;
using System.Text;
using System.Text.Json;

namespace Sluice.Tests.EndToEnd.Routes;

/// <summary>Requests that are checked before an upstream is asked.</summary>
public sealed class ValidationTests(EchoingGateway echoing) : IClassFixture<EchoingGateway>
{
    private const string Route = """
        kind: Route
        name: checked
        match: { path: "/checked/{id}" }
        split: [{ upstream: a }]
        validate:
          path: { id: { schema: { type: integer, minimum: 1 } } }
          query:
            page: { required: true, schema: { type: integer, maximum: 9 } }
            tag: { schema: { type: array, items: { type: string, maxLength: 3 } } }
          headers: { x-kind: { schema: { enum: [order, offer] } } }
          strictQuery: true
          body:
            maxSize: 4KiB
            schema:
              type: object
              required: [lines]
              properties: { lines: { type: array, items: { $ref: "#/$defs/line" } } }
              $defs: { line: { type: object, properties: { count: { type: integer, minimum: 1 } } } }
        """;

    private const string Body = """{ "lines": [{ "count": 1 }] }""";

    [Theory]
    [InlineData("/checked/x?page=1", null, Body, 400, "The path parameter 'id' is wrong: Value is \"string\" but should be \"integer\".")]
    [InlineData("/checked/0?page=1", null, Body, 400, "The path parameter 'id' is wrong: 0 should be at least 1.")]
    [InlineData("/checked/7", null, Body, 400, "The query parameter 'page' is missing.")]
    [InlineData("/checked/7?page=10", null, Body, 400, "The query parameter 'page' is wrong: 10 should be at most 9.")]
    [InlineData("/checked/7?page=1&page=2", null, Body, 400, "The query parameter 'page' is given 2 times; it takes one value.")]
    [InlineData("/checked/7?page=1&tag=abc&tag=abcd", null, Body, 400, "The query parameter 'tag' at /1 is wrong: Value should be at most 3 characters.")]
    [InlineData("/checked/7?page=1&other=2", null, Body, 400, "The query parameter 'other' is unknown here; known are page, tag.")]
    [InlineData("/checked/7?page=1", "other", Body, 400, "The header 'x-kind' is wrong: Value should match one of the values specified by the enum.")]
    [InlineData("/checked/7?page=1", "order", "", 400, "A JSON body is needed, and there is none.")]
    [InlineData("/checked/7?page=1", "order", "{ \"lines\": 1", 400, "The body is not JSON: ")]
    [InlineData("/checked/7?page=1", "order", "{ \"lines\": [], \"lines\": [] }", 400, "The body is not JSON: ")]
    [InlineData("/checked/7?page=1", "order", "{}", 400, "The body is wrong: Required properties [\"lines\"] are not present.")]
    [InlineData("/checked/7?page=1", "order", "{ \"lines\": [{ \"count\": 0 }] }", 400, "The body at /lines/0/count is wrong: 0 should be at least 1.")]
    [InlineData("/checked/7?page=1", "order", null, 413, "The request body is larger than this route takes: 4096 bytes.")]
    [InlineData("/checked/7?page=1&tag=a&tag=b", "order", Body, 200, null)]
    [InlineData("/checked/7?page=1", null, Body, 200, null)]
    public async Task What_is_wrong_is_answered_with_its_place_and_what_is_right_reaches_the_upstream_as_it_was_sent(string target, string? kind, string? body, int status, string? detail)
    {
        await echoing.Gateway.Admin.ApplyAsync(Route);
        var before = echoing["a"].Requests.Count;
        using var client = echoing.Client();
        foreach (var chunked in new[] { false, true })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, target)
            {
                Content = new StringContent(body ?? $"{{ \"lines\": [], \"more\": \"{new string('x', 5_000)}\" }}", Encoding.UTF8, "application/json"),
                Headers = { TransferEncodingChunked = chunked },
            };
            if (kind is not null)
            {
                request.Headers.Add("x-kind", kind);
            }

            using var answer = await client.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();

            Assert.Equal(status, (int)answer.StatusCode);
            if (detail is not null)
            {
                using var problem = JsonDocument.Parse(text);
                Assert.StartsWith(detail, problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
            }
        }

        Assert.Equal(before + (status == 200 ? 2 : 0), echoing["a"].Requests.Count);
        if (status == 200)
        {
            Assert.Equal(Body, Encoding.UTF8.GetString(echoing["a"].Requests.Last().Body));
        }
    }

    [Fact]
    public async Task A_body_of_another_type_is_not_taken_and_one_that_may_be_missing_may()
    {
        await echoing.Gateway.ApplyAsync("""{ kind: Route, name: optional, match: { path: /optional }, split: [{ upstream: b }], validate: { body: { required: false, schema: { type: object } } } }""");
        using var client = echoing.Client();
        using var none = await client.GetAsync("/optional");
        using var form = await client.PostAsync("/optional", new StringContent("a=b", Encoding.UTF8, "application/x-www-form-urlencoded"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.UnsupportedMediaType), (none.StatusCode, form.StatusCode));
    }
}
