using System.Net;
using System.Text;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.CommandLine;

/// <summary><c>sluice import openapi</c>: an API's description becomes routes that check what it says.</summary>
public sealed class ImportCommandTests(ClassGateway shared) : IClassFixture<ClassGateway>, IDisposable
{
    private static readonly string Pets = Path.Combine(Repository.Root, "docs", "openapi", "pets.yaml");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_routes_of_a_description_serve_what_it_describes_and_refuse_the_rest()
    {
        await using var upstream = await Upstream.StartAsync("pets");
        var (code, bundle, notes) = await new Shell(shared.Gateway).RunAsync(["import", "openapi", Pets, "--upstream", upstream.Address, "--path", "/store", "--name", "shop", "--strict-query"]);
        Assert.Equal((0, "note: Pet.parent: 'Pet' holds itself; it is not checked below this"), (code, notes.Trim()));
        await shared.Gateway.ApplyAsync(bundle);
        using var client = new HttpClient { BaseAddress = shared.Gateway.Edge };

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client.GetAsync("/store/pets?limit=5&tag=a&tag=b")));
        Assert.Equal("/v1/pets?limit=5&tag=a&tag=b", upstream.Requests.Last().Target);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client.GetAsync("/store/pets/7")));
        Assert.Equal("/v1/pets/7", upstream.Requests.Last().Target);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client.PostAsync("/store/pets", Json("""{ "name": "Rex", "weight": 3.5, "owner": { "name": "Ada", "phone": null }, "parent": { "name": 1 } }"""))));
        var served = upstream.Requests.Count;

        HttpStatusCode[] refused =
        [
            await StatusAsync(client.GetAsync("/store/pets?limit=0")),
            await StatusAsync(client.GetAsync("/store/pets?limits=1")),
            await StatusAsync(client.GetAsync("/store/pets/rex")),
            await StatusAsync(client.DeleteAsync("/store/pets/7")),
            await StatusAsync(client.PostAsync("/store/pets", Json("{}"))),
            await StatusAsync(client.PostAsync("/store/pets", Json("""{ "name": "Rex!" }"""))),
            await StatusAsync(client.PostAsync("/store/pets", Json("""{ "name": "Rex", "weight": 0 }"""))),
            await StatusAsync(client.PostAsync("/store/pets", Json("""{ "name": "Rex", "owner": {} }"""))),
        ];
        Assert.Equal([HttpStatusCode.BadRequest], refused.Distinct());
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await StatusAsync(client.PutAsync("/store/pets", Json("{}"))));
        Assert.Equal(served, upstream.Requests.Count);
    }

    [Theory]
    [InlineData("""{ "swagger": "2.0", "info": { "title": "Old", "version": "1" }, "basePath": "/api", "paths": { "/a": { "post": { "parameters": [{ "name": "body", "in": "body", "required": true, "schema": { "type": "object", "required": ["x"] } }], "responses": {} } } } }""", "path: /api/a", "required: [x]", "name: old-post-a")]
    [InlineData("""{ "openapi": "3.1.0", "info": { "title": "New", "version": "1" }, "paths": { "/a": { "get": { "parameters": [{ "name": "q", "in": "query", "schema": { "type": ["integer", "null"], "exclusiveMinimum": 0 } }] } } } }""", "path: /a", "exclusiveMinimum: 0", "integer")]
    [InlineData("""{ "openapi": "3.0.0", "info": { "title": "Same", "version": "1" }, "paths": { "/a": { "get": { "operationId": "x" } }, "/b": { "get": { "operationId": "X" } } } }""", "name: same-x\n", "name: same-x-2")]
    public async Task Each_version_of_the_format_is_read(string description, params string[] expected)
    {
        var bundle = await new Shell(shared.Gateway).DoneAsync("import", "openapi", Written(description), "--upstream", "there");

        Assert.All(expected, one => Assert.Contains(one, bundle, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "openapi": "3.0.0", "info": { "title": "t", "version": "1" }, "paths": { "/a": { "trace": {} }, "/b?x=1": { "get": {} }, "/c": { "get": {} } } }""", "TRACE /a: this method is not served", "GET /b?x=1: it is left out")]
    [InlineData("""{ "openapi": "3.0.0", "info": { "title": "t", "version": "1" }, "paths": { "/a": { "post": { "requestBody": { "content": { "text/csv": {} } } } } } }""", "POST /a: its body may be other than JSON")]
    [InlineData("""{ "openapi": "3.0.0", "info": { "title": "t", "version": "1" }, "paths": { "/a": { "get": { "parameters": [{ "name": "q", "in": "query", "schema": { "type": "string", "pattern": "(?=x)" } }] } } } }""", "GET /a: q: the pattern '(?=x)' looks around")]
    [InlineData("""{ "openapi": "3.0.0", "info": { "title": "t", "version": "1" }, "paths": { "/a": { "$ref": "./a.yaml" }, "/b": { "post": { "requestBody": { "content": { "application/json": { "schema": { "$ref": "b.yaml#/B" } } } } } } } }""", "what stands in other files is not read ('./a.yaml', 'b.yaml'): put the description into one file first")]
    [InlineData("""{ "openapi": "3.0.0", "info": { "title": "t", "version": "1" }, "paths": { "/a": { "get": { "parameters": [{ "name": "q", "in": "query", "style": "pipeDelimited", "explode": false, "schema": { "type": "array", "items": { "type": "string" } } }] } } } }""", "GET /a: query parameter 'q', a list in the style pipeDelimited without explode, is not read here")]
    [InlineData("""{ "openapi": "3.0.0", "info": { "title": "t", "version": "1" }, "paths": { "/a": { "get": { "parameters": [{ "name": "q", "in": "query", "content": { "application/json": {} } }] } } } }""", "GET /a: query parameter 'q' is written as application/json, which is not read here")]
    [InlineData("""{ "openapi": "3.1.0", "info": { "title": "t", "version": "1" }, "webhooks": { "sold": { "post": {} } }, "paths": { "/a": { "post": { "callbacks": { "onData": { "{$request.query.url}": { "post": {} } } } } } } }""", "its webhooks are requests to its clients, which are not routed: sold", "POST /a: its callbacks are requests to its clients, which are not routed: onData")]
    [InlineData("""{ "openapi": "3.0.0", "info": { "title": "t", "version": "1" }, "servers": [{ "url": "https://a.test/v1" }, { "url": "https://a.test/v2" }], "paths": { "/a": { "servers": [{ "url": "https://files.test" }], "get": {} }, "/a#x": { "get": {} } } }""", "its paths are those of its first server, 'https://a.test/v1'; not of 'https://a.test/v2'", "GET /a: it has a server of its own, 'https://files.test'")]
    [InlineData("""{ "openapi": "3.0.0", "info": { "title": "t", "version": "1" }, "paths": { "/a": { "get": {} }, "/a#x": { "get": {} }, "/{b}": { "get": {} }, "/{c}": { "get": {} } } }""", "GET /a#x: it is left out: its requests are those of GET /a", "GET /{c}: it is left out: its requests are those of GET /{b}")]
    [InlineData("""{ "openapi": "3.0.0", "info": { "title": "t", "version": "1" }, "security": [{ "token": [] }], "components": { "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } } }, "paths": { "/a": { "get": {} } } }""", "what clients show for 'token' (HTTP bearer) is not checked here, and goes on to the upstream")]
    [InlineData("""{ "openapi": "3.0.0", "info": { "title": "t", "version": "1" }, "paths": { "/a": { "post": { "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/paths/~1a/x" } } } } } } } }""", "POST /a: body: ")]
    public async Task What_a_route_does_not_take_is_noted(string description, params string[] expected)
    {
        var (code, _, notes) = await new Shell(shared.Gateway).RunAsync(["import", "openapi", Written(description), "--upstream", "there"]);

        Assert.Equal(0, code);
        Assert.All(expected, one => Assert.Contains($"note: {one}", notes, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Forms_that_routes_have_otherwise_are_served_as_they_are_meant()
    {
        await using var upstream = await Upstream.StartAsync("files");
        var description = Written("""
            {
              "openapi": "3.0.3", "info": { "title": "Files", "version": "1" },
              "servers": [{ "url": "https://{region}.files.test/{base}", "variables": { "region": { "default": "eu" }, "base": { "default": "v2" } } }],
              "security": [{ "query": [] }],
              "components": {
                "securitySchemes": { "query": { "type": "apiKey", "in": "query", "name": "api_key" } },
                "parameters": { "Page": { "name": "page", "in": "query", "style": "deepObject", "explode": true, "schema": { "$ref": "#/components/schemas/Page" } } },
                "requestBodies": { "File": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/File" } } } } },
                "schemas": {
                  "Page": { "type": "object", "required": ["size"], "properties": { "size": { "type": "integer", "maximum": 100 }, "after": { "type": "string" } } },
                  "File": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string" }, "size": { "type": "integer", "minimum": -9223372036854775808 } } }
                }
              },
              "paths": {
                "/files/{id}.json": { "get": { "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }] } },
                "/files": {
                  "get": { "parameters": [{ "$ref": "#/components/parameters/Page" }, { "name": "ids", "in": "query", "style": "form", "explode": false, "schema": { "type": "array", "items": { "type": "string" } } }] },
                  "post": { "requestBody": { "$ref": "#/components/requestBodies/File" } }
                },
                "/uploads": { "servers": [{ "url": "/upload" }], "put": {} }
              }
            }
            """);
        var (code, bundle, notes) = await new Shell(shared.Gateway).RunAsync(["import", "openapi", description, "--upstream", upstream.Address, "--path", "/shelf", "--name", "shelf", "--strict-query"]);
        Assert.Equal(0, code);
        Assert.DoesNotContain("left out", notes, StringComparison.Ordinal);
        await shared.Gateway.ApplyAsync(bundle);
        using var client = new HttpClient { BaseAddress = shared.Gateway.Edge };

        HttpStatusCode[] served =
        [
            await StatusAsync(client.GetAsync("/shelf/files/7.json?api_key=k")), await StatusAsync(client.GetAsync("/shelf/files?page[size]=5&page[after]=x&ids=a,b")),
            await StatusAsync(client.PostAsync("/shelf/files", Json("""{ "name": "a" }"""))), await StatusAsync(client.PutAsync("/shelf/uploads", null)),
        ];
        Assert.Equal([HttpStatusCode.OK], served.Distinct());
        Assert.Equal(["/v2/files/7.json?api_key=k", "/v2/files?page[size]=5&page[after]=x&ids=a,b", "/v2/files", "/upload/uploads"], upstream.Requests.Select(request => Uri.UnescapeDataString(request.Target)));

        HttpStatusCode[] refused =
        [
            await StatusAsync(client.GetAsync("/shelf/files/7.xml")), await StatusAsync(client.GetAsync("/shelf/files?page[size]=500")), await StatusAsync(client.GetAsync("/shelf/files?page[first]=5")),
            await StatusAsync(client.PostAsync("/shelf/files", Json("{}"))), await StatusAsync(client.PutAsync("/shelf/uploads?x=1", null)),
        ];
        Assert.Equal([HttpStatusCode.BadRequest], refused.Distinct());
    }

    [Theory]
    [InlineData("""{ "openapi": "3.0.0", "info": { "title": "t", "version": "1" } }""", "there", "has no paths")]
    [InlineData("""{ "kind": "Route" }""", "there", "Version node")]
    [InlineData("a: [", "there", "cannot be read")]
    [InlineData("""{ "openapi": "3.0.0", "info": { "title": "t", "version": "1" }, "paths": { "/a": { "get": {} } } }""", "No Name", "--upstream must be a name or an address")]
    public async Task What_is_no_description_is_told(string description, string upstream, string why) =>
        Assert.Contains(why, await new Shell(shared.Gateway).FailsAsync(2, "import", "openapi", Written(description), "--upstream", upstream), StringComparison.Ordinal);

    private static async Task<HttpStatusCode> StatusAsync(Task<HttpResponseMessage> asked)
    {
        using var answer = await asked;
        return answer.StatusCode;
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private string Written(string description)
    {
        var file = Path.Combine(_folder.Path, "api.json");
        File.WriteAllText(file, description);
        return file;
    }
}
