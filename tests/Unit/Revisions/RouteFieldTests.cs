using Sluice.Revisions;

namespace Sluice.Tests.Unit.Revisions;

/// <summary>What a route may not declare, each with the field and the reason.</summary>
public sealed class RouteFieldTests
{
    private const string Split = "split: [{ upstream: u }]";
    private const string Parts = "split: [{ upstream: u }, { upstream: v }]";

    [Theory]
    [InlineData($"{Split}, rewrite: {{}}", "rewrite", "changes nothing")]
    [InlineData($"{Split}, rewrite: {{ path: v2 }}", "rewrite.path", "must begin with '/'")]
    [InlineData($"{Split}, rewrite: {{ path: /v2?x }}", "rewrite.path", "query")]
    [InlineData($"{Split}, rewrite: {{ path: /v2//x }}", "rewrite.path", "empty segment")]
    [InlineData($"{Split}, rewrite: {{ path: /../x }}", "rewrite.path", "segment of dots")]
    [InlineData($"{Split}, rewrite: {{ path: \"/..{{rest}}\" }}", "rewrite.path", "segment of dots")]
    [InlineData($"{Split}, rewrite: {{ path: \"/{{ret}}\" }}", "rewrite.path", "did you mean 'rest'")]
    [InlineData($"{Split}, rewrite: {{ path: \"/{{rest\" }}", "rewrite.path", "without a '}'")]
    [InlineData($"{Split}, rewrite: {{ host: \"a b\" }}", "rewrite.host", "must be a host")]
    [InlineData($"{Split}, rewrite: {{ host: \"a/b\" }}", "rewrite.host", "must be a host")]
    [InlineData($"{Split}, requestHeaders: {{ set: {{ host: x }} }}", "requestHeaders.set.host", "rewrite.host")]
    [InlineData($"{Split}, requestHeaders: {{ set: {{ connection: x }} }}", "requestHeaders.set.connection", "belongs to the connection")]
    [InlineData($"{Split}, requestHeaders: {{ set: {{ Content_Length: x }} }}", "requestHeaders.set.Content_Length", "belongs to the connection")]
    [InlineData($"{Split}, requestHeaders: {{ remove: [x-forwarded-for] }}", "requestHeaders.remove[0]", "gateway alone")]
    [InlineData($"{Split}, requestHeaders: {{ set: {{ sluice-user: x }} }}", "requestHeaders.set.sluice-user", "gateway alone")]
    [InlineData($"{Split}, requestHeaders: {{ set: {{ authorization: x }} }}", "requestHeaders.set.authorization", "credentials")]
    [InlineData($"{Split}, requestHeaders: {{ set: {{ x-a: \"b\\r\\nc: d\" }} }}", "requestHeaders.set.x-a", "control character")]
    [InlineData($"{Split}, requestHeaders: {{ set: {{ x-a: \"€\" }} }}", "requestHeaders.set.x-a", "no header can carry")]
    [InlineData($"{Split}, requestHeaders: {{ set: {{ \"x a\": b }} }}", "requestHeaders.set.x a", "not the name of a header")]
    [InlineData($"{Split}, requestHeaders: {{ set: {{ x-a: b }}, remove: [X-A] }}", "requestHeaders.remove", "is set here too")]
    [InlineData($"{Split}, responseHeaders: {{ set: {{ sluice-cost: 1 }} }}", "responseHeaders.set.sluice-cost", "text or a list of texts")]
    [InlineData($"{Split}, responseHeaders: {{ set: {{ sluice-cost: \"1\" }} }}", "responseHeaders.set.sluice-cost", "gateway alone")]
    [InlineData($"{Split}, responseHeaders: {{ remove: [content-encoding] }}", "responseHeaders.remove[0]", "belongs to the connection or the body")]
    [InlineData($"{Split}, query: {{}}", "query", "changes nothing")]
    [InlineData("redirect: {}", "redirect", "would lead to itself")]
    [InlineData("redirect: { scheme: ftp }", "redirect.scheme", "http or https")]
    [InlineData("redirect: { scheme: https, status: 304 }", "redirect.status", "301, 302, 303, 307, 308")]
    [InlineData("redirect: { host: \"a:1\" }", "redirect.host", "without port")]
    [InlineData($"redirect: {{ scheme: https }}, {Split}", "split", "beside redirect")]
    [InlineData("redirect: { scheme: https }, respond: {}", "respond", "beside redirect")]
    [InlineData("redirect: { scheme: https }, requestHeaders: { remove: [a] }", "requestHeaders", "beside redirect")]
    [InlineData("respond: { status: 204, body: x }", "respond.body", "has no effect")]
    [InlineData("respond: { contentType: text/html }", "respond.contentType", "without body")]
    [InlineData("respond: { status: 200 }, query: { remove: [a] }", "query", "beside respond")]
    [InlineData($"{Split}, cors: {{}}", "cors.origins", "is missing")]
    [InlineData($"{Split}, cors: {{ origins: [\"https://a/b\"] }}", "cors.origins[0]", "must be an origin")]
    [InlineData($"{Split}, cors: {{ origins: [\"https://a*.b\"] }}", "cors.origins[0]", "must be an origin")]
    [InlineData($"{Split}, cors: {{ origins: [\"*\", \"https://a\"] }}", "cors.origins", "beside others")]
    [InlineData($"{Split}, cors: {{ origins: [\"*\"], credentials: true }}", "cors.credentials", "name the origins")]
    [InlineData($"{Split}, cors: {{ origins: [\"https://a\"], methods: [FETCH] }}", "cors.methods[0]", "must be one of")]
    [InlineData($"{Split}, cors: {{ origins: [\"https://a\"], headers: [\"a b\"] }}", "cors.headers[0]", "not the name of a header")]
    [InlineData("access: key", "split", "is missing")]
    [InlineData($"{Split}, limits: {{}}", "limits", "bounds nothing")]
    [InlineData($"{Split}, limits: {{ requestBody: 1GiB }}", "limits.requestBody", "from 1B to 100MiB")]
    [InlineData($"{Split}, limits: {{ responseBody: 10MB }}", "limits.responseBody", "written as")]
    [InlineData($"{Split}, limits: {{ time: 2h }}", "limits.time", "must be a time")]
    [InlineData($"{Split}, compress: {{ types: [json] }}", "compress.types[0]", "must be a media type")]
    [InlineData($"{Split}, compress: {{ minSize: big }}", "compress.minSize", "must be a size")]
    [InlineData("redirect: { scheme: https }, compress: {}", "compress", "beside redirect")]
    [InlineData($"{Split}, validate: {{}}", "validate", "asks for nothing")]
    [InlineData($"{Split}, validate: {{ path: {{ ids: {{ schema: {{ type: integer }} }} }} }}", "validate.path.ids", "did you mean 'id'")]
    [InlineData($"{Split}, validate: {{ query: {{}} }}", "validate.query", "is empty")]
    [InlineData($"{Split}, validate: {{ query: {{ page: {{ required: false }} }} }}", "validate.query.page", "asks for nothing")]
    [InlineData($"{Split}, validate: {{ headers: {{ authorization: {{ required: true }} }} }}", "validate.headers.authorization", "of which access decides")]
    [InlineData($"{Split}, validate: {{ headers: {{ \"a b\": {{ required: true }} }} }}", "validate.headers.a b", "not the name of a header")]
    [InlineData($"{Split}, validate: {{ body: {{ schema: {{ minimun: 1 }} }} }}", "validate.body.schema", "/minimun is a keyword that is not taken here; did you mean 'minimum'?")]
    [InlineData($"{Split}, validate: {{ body: {{ schema: {{ properties: {{ a: {{ type: [1] }} }} }} }} }}", "validate.body.schema", "is not a JSON schema")]
    [InlineData($"{Split}, validate: {{ body: {{ schema: {{ properties: {{ a: {{ pattern: \"(?=a)b\" }} }} }} }} }}", "validate.body.schema", "/properties/a/pattern looks around")]
    [InlineData($"{Split}, validate: {{ body: {{ schema: {{ $ref: \"#/components/a\" }} }} }}", "validate.body.schema", "#/$defs/address")]
    [InlineData($"{Split}, validate: {{ body: {{ schema: {{ $ref: \"#/$defs/a\", $defs: {{ a: {{ items: {{ $ref: \"#/$defs/a\" }} }} }} }} }} }}", "validate.body.schema", "leads back to 'a'")]
    [InlineData($"{Split}, validate: {{ body: {{ maxSize: 1GiB }} }}", "validate.body.maxSize", "from 1B to 32MiB")]
    [InlineData("redirect: { scheme: https }, validate: { strictQuery: true }", "validate", "beside redirect")]
    [InlineData($"{Split}, mirrors: []", "mirrors", "is an empty list")]
    [InlineData($"{Split}, mirrors: [{{ upstream: m, share: 0% }}]", "mirrors[0].share", "from 1% to 100%")]
    [InlineData($"{Split}, mirrors: [{{ upstream: m }}, {{ upstream: m }}]", "mirrors", "'m' twice")]
    [InlineData($"{Split}, mirrors: [{{ upstream: a }}, {{ upstream: b }}, {{ upstream: c }}, {{ upstream: d }}, {{ upstream: e }}]", "mirrors", "at most 4")]
    [InlineData("redirect: { scheme: https }, mirrors: [{ upstream: m }]", "mirrors", "beside redirect")]
    [InlineData($"{Parts}, sticky: {{ by: header, name: x-user, issue: {{}} }}", "sticky.issue", "no effect with by: header")]
    [InlineData($"{Parts}, sticky: {{ by: cookie, name: \"a b\", issue: {{}} }}", "sticky.name", "not the name of a cookie")]
    [InlineData($"{Parts}, sticky: {{ by: cookie, name: __Host-v, issue: {{}} }}", "sticky.name", "with secure: true")]
    [InlineData($"{Parts}, sticky: {{ by: cookie, name: __Host-v, issue: {{ secure: true, path: /shop }} }}", "sticky.name", "with path / alone")]
    [InlineData($"{Parts}, sticky: {{ by: cookie, name: __Secure-v, issue: {{ secure: false }} }}", "sticky.name", "secure: true alone")]
    [InlineData($"{Parts}, sticky: {{ by: cookie, name: v, issue: {{ sameSite: none, secure: false }} }}", "sticky.issue.sameSite", "without secure")]
    [InlineData($"{Parts}, sticky: {{ by: cookie, name: v, issue: {{ sameSite: some }} }}", "sticky.issue.sameSite", "must be one of lax, strict, none")]
    [InlineData($"{Parts}, sticky: {{ by: cookie, name: v, issue: {{ path: shop }} }}", "sticky.issue.path", "must begin with '/'")]
    [InlineData($"{Parts}, sticky: {{ by: cookie, name: v, issue: {{ domain: \"a.b:80\" }} }}", "sticky.issue.domain", "without port")]
    [InlineData($"{Parts}, sticky: {{ by: cookie, name: v, issue: {{ maxAge: 500d }} }}", "sticky.issue.maxAge", "from 1s to 400d")]
    public void What_cannot_be_is_told_with_its_field_and_reason(string declared, string field, string reason)
    {
        var bundle = Bundle.Parse($$"""{ kind: Route, name: r, match: { path: "/x/{id}/{**rest}" }, {{declared}} }""");
        var errors = ResourceReader.Read(Assert.Single(bundle.Resources)).Errors;

        Assert.Contains(errors, e => string.Equals(e.Path, $"Route/r: {field}", StringComparison.Ordinal) && e.Message.Contains(reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{ by: header, name: x-user }", "flag", "is missing")]
    [InlineData("{ flag: f }", "by", "is missing")]
    [InlineData("{ flag: f, by: cookie }", "name", "is missing")]
    [InlineData("{ flag: f, by: subject }", "by", "set access: key")]
    [InlineData("{ flag: f, by: header, name: x-user, is: [1] }", "is", "must be a text, a number, true or false")]
    [InlineData("{ flag: f, by: header, name: x-user, value: true }", "value", "unknown field")]
    public void What_is_asked_of_a_flag_names_it_and_the_subject(string when, string field, string reason)
    {
        var bundle = Bundle.Parse($$"""{ kind: Route, name: r, match: { path: /x, when: {{when}} }, split: [{ upstream: u }] }""");
        var errors = ResourceReader.Read(Assert.Single(bundle.Resources)).Errors;

        Assert.Contains(errors, e => string.Equals(e.Path, $"Route/r: match.when.{field}", StringComparison.Ordinal) && e.Message.Contains(reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{ name: a, values: [x], prefix: y }", "prefix", "stands beside values")]
    [InlineData("{ name: a, regex: y, absent: true }", "absent", "stands beside regex")]
    [InlineData("{ name: a, absent: false }", "absent", "has no effect when false")]
    [InlineData("{ name: a, regex: \"(\" }", "regex", "is not a regular expression")]
    [InlineData("{ name: a, regex: \"a)|(?:b\" }", "regex", "is not a regular expression")]
    [InlineData("{ name: a, regex: \"(?=a)b\" }", "regex", "looks around")]
    [InlineData("{ name: a, regex: \"((a{1000}){1000}){1000}\" }", "regex", "too large")]
    public void A_condition_is_one_thing_and_bounded(string condition, string field, string reason)
    {
        var bundle = Bundle.Parse($$"""{ kind: Route, name: r, match: { path: /x, headers: [{{condition}}] }, split: [{ upstream: u }] }""");
        var errors = ResourceReader.Read(Assert.Single(bundle.Resources)).Errors;

        Assert.Contains(errors, e => string.Equals(e.Path, $"Route/r: match.headers[0].{field}", StringComparison.Ordinal) && e.Message.Contains(reason, StringComparison.Ordinal));
    }
}
