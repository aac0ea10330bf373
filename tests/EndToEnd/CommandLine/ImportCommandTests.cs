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
    [InlineData("""{ "openapi": "3.0.0", "info": { "title": "t", "version": "1" }, "paths": { "/a": { "trace": {} }, "/b/{x}.json": { "get": {} }, "/c": { "get": {} } } }""", "TRACE /a: this method is not served", "GET /b/{x}.json: it is left out")]
    [InlineData("""{ "openapi": "3.0.0", "info": { "title": "t", "version": "1" }, "paths": { "/a": { "post": { "requestBody": { "content": { "text/csv": {} } } } } } }""", "POST /a: its body may be other than JSON")]
    [InlineData("""{ "openapi": "3.0.0", "info": { "title": "t", "version": "1" }, "paths": { "/a": { "get": { "parameters": [{ "name": "q", "in": "query", "schema": { "type": "string", "pattern": "(?=x)" } }] } } } }""", "GET /a: q: the pattern '(?=x)' looks around")]
    public async Task What_a_route_does_not_take_is_noted(string description, params string[] expected)
    {
        var (code, _, notes) = await new Shell(shared.Gateway).RunAsync(["import", "openapi", Written(description), "--upstream", "there"]);

        Assert.Equal(0, code);
        Assert.All(expected, one => Assert.Contains($"note: {one}", notes, StringComparison.Ordinal));
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
