using System.Net;
using System.Text;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Admin;

/// <summary>What is wrong with a bundle is told field by field, and changes nothing. On a gateway of its own, whose revision stands still.</summary>
public sealed class BadInputTests(BadInputTests.Still still) : IClassFixture<BadInputTests.Still>
{
    private const string Good = """
        kind: Upstream
        name: bad-input
        addresses: ["http://127.0.0.1:9"]
        """;

    /// <summary>A bundle; a part of a path and of a message that are told.</summary>
    public static TheoryData<string, string, string, string> Bundles { get; } = new()
    {
        { "JSON that ends early", """[{"kind":"Upstream",}]""", "line 1, column 21", "is not JSON here" },
        { "YAML whose list does not end", "kind: Upstream\nname: a\naddresses: [http://x:1\n", "line 4, column 1", "is not YAML" },
        { "an unknown field", "kind: Upstream\nname: a\nadresses: [http://x:1]", "Upstream/a: adresses", "did you mean 'addresses'?" },
        { "an unknown field in depth", "kind: Upstream\nname: a\naddresses: [http://x:1]\nhealth: {active: {path: /, intervall: 5s}}", "Upstream/a: health.active.intervall", "did you mean 'interval'?" },
        { "an unknown kind", "kind: Rute\nname: a", "kind", "did you mean 'Route'?" },
        { "a number for a text", "kind: Upstream\nname: a\naddresses: [http://x:1]\ntimeouts: {connect: 5}", "Upstream/a: timeouts.connect", "must be a text, is a number" },
        { "a text for a list", "kind: Upstream\nname: a\naddresses: http://x:1", "Upstream/a: addresses", "must be a list, is a text" },
        { "a text for an object", "kind: Route\nname: a\nmatch: /x\nsplit: [{upstream: bad-input}]", "Route/a: match", "must be an object, is a text" },
        { "a blank text", "kind: Upstream\nname: a\naddresses: [\" \"]", "Upstream/a: addresses[0]", "must be an address" },
        { "a name that is none", "kind: Upstream\nname: A b\naddresses: [http://x:1]", "name", "must be 1 to 63" },
        { "a missing name", "kind: Upstream\naddresses: [http://x:1]", "name", "is missing" },
        { "a reference to nothing", Good + "\n---\nkind: Route\nname: a\nmatch: {path: /a}\nsplit: [{upstream: bad-inptu}]", "Route/a: split[0].upstream", "did you mean 'bad-input'?" },
        { "a resource twice", Good + "\n---\n" + Good, "Upstream/bad-input", "twice" },
        { "a field twice in JSON", """[{"kind":"Upstream","name":"a","addresses":["http://x:1"],"addresses":["http://y:1"]}]""", "Upstream/a: addresses", "twice" },
        { "a field twice in YAML", "kind: Upstream\nname: a\nname: b\naddresses: [http://x:1]", "line 3, column 1", "Duplicate key" },
        { "two routes of one match", "kind: Route\nname: a\nmatch: {path: /same}\nsplit: [{upstream: bad-input}]\n---\nkind: Route\nname: b\nmatch: {path: /same}\nsplit: [{upstream: bad-input}]", "Route/b: match", "claims the same requests as Route 'a'" },
        { "a document that is a list", "- kind: Upstream", "line 1, column 1", "each document must be a mapping" },
        { "a tab as indentation", "kind: Upstream\nhealth:\n\tactive: {}", "line", "tab" },
        { "the word no where text of a list is asked", "kind: Upstream\nname: a\naddresses: [http://x:1]\nprotocol: no", "Upstream/a: protocol", "is 'no'" },
        { "a number that may be octal", "kind: Route\nname: a\nmatch: {path: /a}\nsplit: [{upstream: bad-input, weight: 0777}]", "line 4", "octal" },
        { "a number in octal notation", "kind: Route\nname: a\nmatch: {path: /a}\nsplit: [{upstream: bad-input, weight: 0o17}]", "Route/a: split[0].weight", "must be a number" },
        { "a tag", "kind: !!python/object Upstream\nname: a", "line 1", "is not read" },
        { "a merge key", "kind: Upstream\nname: a\n<<: {addresses: [http://x:1]}", "Upstream/a: <<", "unknown field '<<'" },
        { "an anchor that holds itself", "kind: &a\n  name: *a\n", "line 1", "is not YAML" },
        { "an alias of nothing", "kind: *nothing\n", "line 1", "is not YAML" },
        { "aliases that grow without end", Bomb(), "line", "more than 100000 nodes" },
        { "YAML too deep", $"kind: Upstream\nname: a\naddresses: {new string('[', 100)}{new string(']', 100)}", "line 3", "deeper than 64" },
        { "JSON too deep", $$"""[{"kind":"Upstream","name":"a","addresses":{{new string('[', 100)}}{{new string(']', 100)}}}]""", "line 1", "deeper than 64" },
        { "only empty documents", "---\n---\n", "body", "holds no resource" },
        { "nothing", "", "body", "holds no resource" },
        { "an empty list", "[]", "body", "holds no resource" },
    };

    [Theory]
    [MemberData(nameof(Bundles))]
    public async Task A_bad_bundle_is_told_with_its_place_and_changes_nothing(string what, string bundle, string path, string message)
    {
        foreach (var query in new[] { "apply", "apply?prune=true", "apply?dryRun=true" })
        {
            var (status, problem) = await still.Admin.SendAsync(HttpMethod.Post, query, bundle, "application/yaml");

            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Matches("^urn:sluice:problem:invalid-(resource|request)$", problem.GetProperty("type").GetString());
            Assert.True(
                Errors(problem).Any(e => e.Path.Contains(path, StringComparison.Ordinal) && e.Message.Contains(message, StringComparison.Ordinal)),
                $"{what} is told by {problem}");
        }

        await still.AssertUnchangedAsync();
    }

    [Fact]
    public async Task All_that_is_wrong_is_told_at_once()
    {
        var (_, problem) = await still.Admin.SendAsync(
            HttpMethod.Post,
            "apply",
            """
            kind: Upstream
            name: a
            adresses: [http://x:1]
            timeouts: { connect: 5 }
            ---
            kind: Route
            name: r
            match: { path: "/a/{**b}/c" }
            split: [{ upstream: a, weight: many }]
            ---
            kind: Rute
            name: q
            """,
            "application/yaml");

        var paths = Errors(problem).Select(e => e.Path).ToArray();
        Assert.Equal(
            ["Upstream/a: addresses", "Upstream/a: timeouts.connect", "Upstream/a: adresses", "Route/r: match.path", "Route/r: split[0].weight"], paths[..5]);
        Assert.EndsWith("kind", Assert.Single(paths[5..]), StringComparison.Ordinal);
        await still.AssertUnchangedAsync();
    }

    [Theory]
    [InlineData("application/xml", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type")]
    [InlineData("application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type")]
    public async Task A_body_of_another_type_is_refused(string type, HttpStatusCode expected, string problem)
    {
        foreach (var path in new[] { "apply", "tenants", "rollback" })
        {
            var (status, body) = await still.Admin.SendAsync(HttpMethod.Post, path, Good, type);
            Assert.Equal(expected, status);
            Assert.Equal($"urn:sluice:problem:{problem}", body.GetProperty("type").GetString());
        }

        await still.AssertUnchangedAsync();
    }

    [Theory]
    [InlineData("application/yaml")]
    [InlineData("text/yaml")]
    [InlineData("application/x-yaml")]
    public async Task YAML_is_read_under_each_of_its_names(string type)
    {
        var (status, answer) = await still.Admin.SendAsync(HttpMethod.Post, "apply?dryRun=true", Good.Replace("bad-input", "other", StringComparison.Ordinal), type);

        Assert.True(status is HttpStatusCode.OK, answer.ToString());
    }

    [Fact]
    public async Task A_body_of_more_than_16_MiB_is_refused()
    {
        using var client = new HttpClient { BaseAddress = still.Gateway.Sluice.Admin };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/apply") { Content = new ByteArrayContent(new byte[(16 * 1024 * 1024) + 1]) };
        request.Content.Headers.ContentType = new("application/yaml");
        request.Headers.Authorization = new("Bearer", still.Gateway.AdminKey);
        request.Headers.ExpectContinue = true;

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        var problem = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("urn:sluice:problem:too-large", problem.GetProperty("type").GetString());
        await still.AssertUnchangedAsync();
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF8_are_refused_with_their_place()
    {
        var (status, problem) = await still.SendBytesAsync([.. Encoding.UTF8.GetBytes("kind: "), 0xff, 0xfe]);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("is not UTF-8 at byte 6", Assert.Single(Errors(problem)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("apply?dryrun=true", "query: dryrun", "did you mean 'dryRun'?")]
    [InlineData("apply?dryRun=yes", "query: dryRun", "must be true or false; is 'yes'")]
    [InlineData("apply?prune=", "query: prune", "must be true or false; is empty")]
    [InlineData("apply?prune=true&prune=false", "query: prune", "more than once")]
    public async Task A_wrong_parameter_is_an_error(string path, string field, string message)
    {
        var (status, problem) = await still.Admin.SendAsync(HttpMethod.Post, path, Good, "application/yaml");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        var error = Assert.Single(Errors(problem));
        Assert.Equal(field, error.Path);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        await still.AssertUnchangedAsync();
    }

    [Fact]
    public async Task A_document_between_separators_may_be_empty()
    {
        var (status, answer) = await still.Admin.SendAsync(HttpMethod.Post, "apply?dryRun=true", $"---\n---\n{Good}\n---\n# nothing\n", "application/yaml");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Empty(answer.GetProperty("changes").EnumerateArray());
    }

    [Theory]
    [InlineData("tenants", """{"name": 5}""", "name")]
    [InlineData("tenants", """{"nam": "a"}""", "nam")]
    [InlineData("tenants", """{"name": "A b"}""", "name")]
    [InlineData("tenants", """{"name": "a", "name": "b"}""", "name")]
    [InlineData("tenants", "[]", "body")]
    [InlineData("tenants", "{", "body")]
    [InlineData("tenants/default/keys", """{"expiresAt": "2001-01-01T00:00:00Z"}""", "expiresAt")]
    [InlineData("tenants/default/keys", """{"models": ["a*b"]}""", "models[0]")]
    [InlineData("admin-keys", """{"name": "x", "role": "owner"}""", "role")]
    [InlineData("rollback", """{"to": 0}""", "to")]
    public async Task A_wrong_field_of_a_JSON_body_is_named(string path, string body, string field)
    {
        var (status, problem) = await still.Admin.SendAsync(HttpMethod.Post, path, body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("urn:sluice:problem:invalid-request", problem.GetProperty("type").GetString());
        Assert.Equal(field, Assert.Single(Errors(problem)).Path);
    }

    private static (string Path, string Message)[] Errors(JsonElement problem) =>
        [.. problem.GetProperty("errors").EnumerateArray().Select(e => (e.GetProperty("path").GetString()!, e.GetProperty("message").GetString()!))];

    private static string Bomb()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 9; i++)
        {
            text.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]");
        }

        return text.ToString();
    }

    /// <summary>A gateway with one resource, whose revision no test here changes.</summary>
    public sealed class Still : IAsyncLifetime
    {
        private long _revision;

        public Gateway Gateway { get; private set; } = null!;

        public AdminApi Admin => Gateway.Admin;

        public async ValueTask InitializeAsync()
        {
            Gateway = await Gateway.StartAsync();
            _revision = await Admin.ApplyAsync(Good);
        }

        public async Task AssertUnchangedAsync() => Assert.Equal(_revision, (await Admin.GetAsync("revisions?limit=1")).GetProperty("active").GetInt64());

        public async Task<(HttpStatusCode Status, JsonElement Body)> SendBytesAsync(byte[] bytes)
        {
            using var client = new HttpClient { BaseAddress = Gateway.Sluice.Admin };
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/apply") { Content = new ByteArrayContent(bytes) };
            request.Content.Headers.ContentType = new("application/yaml");
            request.Headers.Authorization = new("Bearer", Gateway.AdminKey);
            using var answer = await client.SendAsync(request);
            return (answer.StatusCode, JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()));
        }

        public ValueTask DisposeAsync() => Gateway.DisposeAsync();
    }
}
