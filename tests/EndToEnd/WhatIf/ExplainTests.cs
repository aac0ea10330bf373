using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.EndToEnd.CommandLine;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.WhatIf;

/// <summary>What is explained is what an edge does: each request is explained first, and then really sent.</summary>
public sealed class ExplainTests(SharedGateway shared)
{
    private const int Users = 60;
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"x{Guid.NewGuid():n}"[..12];

    [Theory]
    [InlineData("header", "x-user-id")]
    [InlineData("cookie", "uid")]
    public async Task The_part_that_a_user_meets_is_foretold(string by, string name)
    {
        await using var old = await Upstream.StartAsync("old");
        await using var next = await Upstream.StartAsync("new");
        await _gateway.ApplyAsync(Split(old, next, $"sticky: {{ by: {by}, name: {name} }}"));
        using var client = _gateway.Client();
        var met = new HashSet<string>(StringComparer.Ordinal);

        for (var user = 0; user < Users; user++)
        {
            var (header, value) = by is "cookie" ? ("cookie", FormattableString.Invariant($"a=b; {name}=user-{user}")) : (name, FormattableString.Invariant($"user-{user}"));
            var explained = await ExplainAsync(new { path = $"/{_name}/7", headers = new Dictionary<string, string> { [header] = value } });
            var part = explained.GetProperty("route").GetProperty("split").GetProperty("part").GetString()!;
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/{_name}/7");
            request.Headers.Add(header, value);
            using var answer = await client.SendAsync(request);

            Assert.Equal(part, $"{_name}-{await answer.Content.ReadAsStringAsync()}");
            met.Add(part);
        }

        Assert.Equal(2, met.Count);
    }

    [Fact]
    public async Task The_part_of_a_user_of_a_key_is_foretold_and_so_are_its_limits()
    {
        await using var old = await Upstream.StartAsync("old");
        await using var next = await Upstream.StartAsync("new");
        await _gateway.Admin.PostAsync("tenants", new { name = _name });
        await _gateway.ApplyAsync(Split(old, next, "sticky: { by: subject }\naccess: key") + $$"""

            ---
            { kind: Limit, name: {{_name}}-all, subject: tenant/{{_name}}, requests: { per: hour, amount: 1000 } }
            ---
            { kind: Limit, name: {{_name}}-ada, subject: user/{{_name}}/ada, requests: { per: hour, amount: 77 } }
            """);

        foreach (var user in new[] { "ada", "bob", "eve", null })
        {
            var made = await _gateway.Admin.PostAsync($"tenants/{_name}/keys", user is null ? new { } : new { user });
            var (id, key) = (made.GetProperty("id").GetString()!, made.GetProperty("key").GetString()!);
            var explained = await ExplainAsync(new { path = $"/{_name}/7", tenant = _name, key = id });
            using var client = _gateway.Client(key);
            using var answer = await client.GetAsync($"/{_name}/7");

            Assert.Equal(explained.GetProperty("route").GetProperty("split").GetProperty("part").GetString(), $"{_name}-{await answer.Content.ReadAsStringAsync()}");
            Assert.Equal(user is "ada" ? [$"{_name}-all", $"{_name}-ada"] : [$"{_name}-all"], Names(explained.GetProperty("limits"), _name));
            Assert.Equal(user is "ada" ? "77" : "1000", Assert.Single(answer.Headers.GetValues("x-ratelimit-limit-requests")));
            await _gateway.Admin.DeleteAsync($"tenants/{_name}/keys/{id}");
            Assert.Equal((401, "invalid_api_key"), Refusal(await ExplainAsync(new { path = $"/{_name}/7", tenant = _name, key = id })));
        }
    }

    [Theory]
    [InlineData("GET", "/{0}/7", null, null)]
    [InlineData("POST", "/{0}/7", null, null)]
    [InlineData("DELETE", "/{0}/only", null, null)]
    [InlineData("GET", "/{0}/only", null, null)]
    [InlineData("GET", "/{0}/7", "x-beta", "on")]
    [InlineData("GET", "/{0}/7", "x-beta", "off")]
    [InlineData("GET", "/{0}/7?beta=1&beta=2", null, null)]
    [InlineData("GET", "/{0}/7?BETA=2", null, null)]
    [InlineData("GET", "/{0}/a%20b", null, null)]
    [InlineData("GET", "/{0}/caf%C3%A9", null, null)]
    [InlineData("GET", "/{0}//7", null, null)]
    [InlineData("GET", "/{0}/a%2Fb", null, null)]
    [InlineData("GET", "/{0}", null, null)]
    [InlineData("GET", "/{0}-nowhere", null, null)]
    public async Task The_route_or_the_refusal_is_foretold(string method, string path, string? header, string? value)
    {
        // Each route's upstream is a folder of one server, which answers the folder.
        await using var upstream = await Upstream.StartAsync((http, received) => http.Response.WriteAsync($"served by {received.Target.Split('/')[1]}."));
        var target = string.Format(CultureInfo.InvariantCulture, path, _name);
        await _gateway.ApplyAsync($$"""
            {{string.Join("\n---\n", new[] { "any", "beta", "query", "space", "accent", "only" }.Select(n => $"{{ kind: Upstream, name: {_name}-{n}, addresses: [\"{upstream.Address}/{_name}-{n}\"] }}"))}}
            ---
            { kind: Route, name: {{_name}}-any, match: { path: "/{{_name}}/{id}", methods: [GET] }, split: [{ upstream: {{_name}}-any }] }
            ---
            { kind: Route, name: {{_name}}-beta, match: { path: "/{{_name}}/{id}", methods: [GET], headers: [{ name: x-beta, values: ["on"] }] }, split: [{ upstream: {{_name}}-beta }] }
            ---
            { kind: Route, name: {{_name}}-query, match: { path: "/{{_name}}/{id}", methods: [GET], query: [{ name: beta, values: ["2"] }] }, split: [{ upstream: {{_name}}-query }] }
            ---
            { kind: Route, name: {{_name}}-space, match: { path: "/{{_name}}/a b" }, split: [{ upstream: {{_name}}-space }] }
            ---
            { kind: Route, name: {{_name}}-accent, match: { path: "/{{_name}}/café" }, split: [{ upstream: {{_name}}-accent }] }
            ---
            { kind: Route, name: {{_name}}-only, match: { path: "/{{_name}}/only", methods: [DELETE] }, access: key, split: [{ upstream: {{_name}}-only }] }
            """);
        var explained = await ExplainAsync(new { method, path = target, headers = header is null ? null : new Dictionary<string, string?> { [header] = value } }, omitNulls: true);
        var answer = await RawConnection.SendAsync(_gateway.Edge, $"{method} {target} HTTP/1.1\r\nHost: x\r\n{(header is null ? "" : $"{header}: {value}\r\n")}Connection: close\r\n\r\n");

        var status = int.Parse(answer.Split(' ')[1], CultureInfo.InvariantCulture);
        Assert.Equal(status, explained.TryGetProperty("refusal", out var refusal) ? refusal.GetProperty("status").GetInt32() : 200);
        if (status is 200)
        {
            Assert.Contains($"served by {Route(explained)}.", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_target_the_bounds_and_the_credentials_of_a_model_are_told()
    {
        var (id, key) = await _gateway.Admin.CreateTenantAsync(_name);
        await _gateway.ApplyAsync($$"""
            { kind: Secret, name: {{_name}}, value: canary-of-the-secret }
            ---
            { kind: Provider, name: {{_name}}, dialect: openai, address: "http://127.0.0.1:1/v1", credentials: [{ secret: {{_name}} }] }
            ---
            { kind: Model, name: {{_name}}, strategy: priority, maxOutputTokens: 50, price: { input: "1 USD", output: "2 USD" }, targets: [{ provider: {{_name}}, model: second, priority: 2 }, { provider: sandbox, model: sandbox, priority: 1 }] }
            ---
            { kind: Budget, name: {{_name}}, subject: tenant/{{_name}}, amount: { tokens: 1000 }, window: { every: day } }
            """);
        var explained = await ExplainAsync(new { model = _name, tenant = _name, key = id, stream = true, bodyBytes = 84 });

        var model = explained.GetProperty("model");
        Assert.Equal(["sandbox", "second"], model.GetProperty("targets").EnumerateArray().Select(t => t.GetProperty("model").GetString()));
        Assert.Equal([1, 0], model.GetProperty("targets").EnumerateArray().Select(t => t.GetProperty("share").GetDouble()));
        Assert.Equal($"secret {_name}", model.GetProperty("targets")[1].GetProperty("credentials")[0].GetString());
        Assert.Equal(3, model.GetProperty("edits").GetArrayLength());
        Assert.Equal((100, 50, "0.0002 USD"), Read(explained.GetProperty("reserved")));
        Assert.DoesNotContain("canary", explained.ToString(), StringComparison.Ordinal);

        // Really so: the sandbox answers, and no more than the cap.
        using var client = _gateway.Client(key);
        using var answer = await client.PostAsync("/v1/chat/completions", Gateway.Json($$"""{"model":"{{_name}}","messages":[{"role":"user","content":"hello"}]}"""));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("sandbox", Assert.Single(answer.Headers.GetValues("sluice-model")));
        Assert.Equal((404, "model_not_found"), Refusal(await ExplainAsync(new { model = $"{_name}-none", tenant = _name, key = id })));
        Assert.Equal((401, "invalid_api_key"), Refusal(await ExplainAsync(new { model = _name })));

        static (long, long, string?) Read(JsonElement reserved) => (reserved.GetProperty("inputTokens").GetInt64(), reserved.GetProperty("outputTokens").GetInt64(), reserved.GetProperty("cost").GetString());
    }

    [Fact]
    public async Task What_each_target_costs_and_what_edges_have_measured_of_it_are_told()
    {
        await using var upstream = await OwnModel.StartAsync();
        var (id, key) = await _gateway.Admin.CreateTenantAsync(_name);
        await _gateway.ApplyAsync($$"""
            { kind: Provider, name: {{_name}}, dialect: openai, address: "{{upstream.Address}}/v1" }
            ---
            { kind: Model, name: {{_name}}, strategy: cheapest, price: {{_name}}, targets: [{ provider: {{_name}}, model: dear }, { provider: {{_name}}, model: cheap }] }
            ---
            { kind: Price, name: {{_name}}, entries: [{ model: dear, input: "9 USD", output: "9 USD" }, { model: cheap, input: "1 USD", output: "2 USD" }] }
            """);
        using var client = _gateway.Client(key);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(client, _name)).Status);
        }

        var model = (await ExplainAsync(new { model = _name, tenant = _name, key = id, bodyBytes = 1_000, maxTokens = 100, measured = true })).GetProperty("model");
        var (dear, cheap) = (model.GetProperty("targets")[0], model.GetProperty("targets")[1]);
        Assert.Equal((0, 1), (dear.GetProperty("share").GetDouble(), cheap.GetProperty("share").GetDouble()));
        Assert.Equal(("0.010044 USD", "0.001216 USD"), (dear.GetProperty("cost").GetString(), cheap.GetProperty("cost").GetString()));
        Assert.Equal((0, 3), (dear.GetProperty("measured").GetProperty("asked").GetInt64(), cheap.GetProperty("measured").GetProperty("asked").GetInt64()));
        Assert.Equal(1, cheap.GetProperty("measured").GetProperty("share").GetDouble());
        var edge = Assert.Single(cheap.GetProperty("measured").GetProperty("edges").EnumerateArray());
        Assert.Equal(("well", 0), (edge.GetProperty("standing").GetString(), edge.GetProperty("underWay").GetInt32()));
        Assert.True(edge.GetProperty("wholeAnswerMs").GetDouble() > 0);
        Assert.False(edge.TryGetProperty("firstTokenMs", out _));

        var lines = await new Shell(_gateway).DoneAsync("explain", "POST", "/v1/chat/completions", "--model", _name, "--tenant", _name, "--body-bytes", "1000", "--max-tokens", "100", "--measured");
        Assert.Contains("this request at most 0.001216 USD; 1 USD in", lines, StringComparison.Ordinal);
        Assert.Contains("asked 3 times in the last five minutes, 100 %", lines, StringComparison.Ordinal);
        Assert.Contains("well, asked 3 times, 0 under way, whole answers after ", lines, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Earlier_revisions_and_candidates_are_explained_and_nothing_is_published()
    {
        await using var upstream = await Upstream.StartAsync("served");
        string Bundle(string path) => $$"""
            { kind: Upstream, name: {{_name}}, addresses: ["{{upstream.Address}}"] }
            ---
            { kind: Route, name: {{_name}}, match: { path: "/{{_name}}/{{path}}" }, split: [{ upstream: {{_name}} }] }
            """;
        var first = await _gateway.ApplyAsync(Bundle("a"));
        await _gateway.ApplyAsync(Bundle("b"));
        var path = $"/{_name}/a";

        Assert.Equal(404, Refusal(await ExplainAsync(new { path })).Status);
        Assert.Equal(_name, Route(await ExplainAsync(new { path, revision = first })));
        var candidate = await ExplainAsync(new { path, changes = Bundle("{any}") });
        Assert.Equal(_name, Route(candidate));
        Assert.True(candidate.GetProperty("candidate").GetBoolean());
        Assert.Equal(404, Refusal(await ExplainAsync(new { path, revision = first, changes = Bundle("c") })).Status);
        Assert.Equal(404, Refusal(await ExplainAsync(new { path })).Status);

        var (status, problem) = await _gateway.Admin.SendAsync(HttpMethod.Post, "explain", JsonSerializer.Serialize(new { path, changes = "{ kind: Route, name: wrong, match: { path: /x }, split: [{ upstream: nowhere }] }" }));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("there is no Upstream 'nowhere'", problem.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _gateway.Admin.SendAsync(HttpMethod.Post, "explain", """{"path":"/","revision":999999}""")).Status);
    }

    [Theory]
    [InlineData("{}", "path")]
    [InlineData("[]", "body")]
    [InlineData("""{"path":"x"}""", "path")]
    [InlineData("""{"path":"/a/../b"}""", "path")]
    [InlineData("""{"path":"/","metod":"GET"}""", "metod")]
    [InlineData("""{"path":"/","method":"get"}""", "method")]
    [InlineData("""{"path":"/","key":"k"}""", "tenant")]
    [InlineData("""{"path":"/","tenant":"nobody-has-this-name"}""", "tenant")]
    [InlineData("""{"path":"/","tenant":"default","key":"none"}""", "key")]
    [InlineData("""{"path":"/","tenant":"default","key":"a","user":"b"}""", "user")]
    [InlineData("""{"path":"/","model":"sandbox"}""", "model")]
    [InlineData("""{"path":"/","measured":true}""", "measured")]
    [InlineData("""{"model":"sandbox","pictures":2}""", "pictures")]
    [InlineData("""{"path":"/v1/images/generations","model":"sandbox","method":"POST","pictures":0}""", "pictures")]
    [InlineData("""{"path":"/v1/audio/speech","model":"sandbox","method":"POST","seconds":3}""", "seconds")]
    [InlineData("""{"path":"/","headers":{"x":1}}""", "headers.x")]
    [InlineData("""{"path":"/","headers":{"authorization":"Bearer slc_live_abc"}}""", "headers.authorization")]
    [InlineData("""{"path":"/","revision":0}""", "revision")]
    [InlineData("""{"path":"/","prune":true}""", "prune")]
    [InlineData("""{"path":"/","changes":"kind: ["}""", "changes")]
    [InlineData("""{"path":"/","changes":[]}""", "changes")]
    public async Task What_is_wrong_is_told_with_its_field(string body, string field)
    {
        var (status, problem) = await _gateway.Admin.SendAsync(HttpMethod.Post, "explain", body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(problem.GetProperty("errors").EnumerateArray(), e => string.Equals(e.GetProperty("path").GetString(), field, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_command_tells_it_in_lines_and_as_YAML()
    {
        await using var old = await Upstream.StartAsync("old");
        await using var next = await Upstream.StartAsync("new");
        await _gateway.ApplyAsync(Split(old, next, "sticky: { by: header, name: x-user-id }"));
        var cli = new Shell(_gateway);

        var lines = await cli.DoneAsync("explain", "GET", $"http://shop.example.com/{_name}/7", "--header", "x-user-id=42", "--header", "cookie: a=b");
        Assert.Contains($"GET /{_name}/7 matches route {_name} and goes to {_name}-", lines, StringComparison.Ordinal);
        Assert.Contains("the hash of '42' lies at 0.", lines, StringComparison.Ordinal);
        Assert.Contains($"= {_name}: matches", lines, StringComparison.Ordinal);
        Assert.Contains($"name: {_name}", await cli.DoneAsync("explain", "GET", $"/{_name}/7", "-o", "yaml"), StringComparison.Ordinal);
        Assert.Equal(_name, Route(await cli.JsonAsync("explain", "GET", $"/{_name}/7")));
        Assert.Contains("path: must begin with /", await cli.FailsAsync(1, "explain", "GET", "nowhere"), StringComparison.Ordinal);
    }

    private static (int Status, string? Code) Refusal(JsonElement explained) =>
        explained.TryGetProperty("refusal", out var refusal) ? (refusal.GetProperty("status").GetInt32(), refusal.GetProperty("code").GetString()) : default;

    private static string? Route(JsonElement explained) => explained.GetProperty("route").GetProperty("name").GetString();

    private static string?[] Names(JsonElement policies, string own) =>
        [.. policies.EnumerateArray().Select(p => p.GetProperty("name").GetString()).Where(n => n!.StartsWith(own, StringComparison.Ordinal))];

    private string Split(Upstream old, Upstream next, string more) => $$"""
        kind: Upstream
        name: {{_name}}-old
        addresses: ["{{old.Address}}"]
        ---
        kind: Upstream
        name: {{_name}}-new
        addresses: ["{{next.Address}}"]
        ---
        kind: Route
        name: {{_name}}
        match: { path: "/{{_name}}/{id}" }
        split: [{ upstream: {{_name}}-old, weight: 2 }, { upstream: {{_name}}-new, weight: 1 }]
        {{more}}
        """;

    private Task<JsonElement> ExplainAsync(object body, bool omitNulls = false) =>
        _gateway.Admin.PostAsync("explain", omitNulls ? JsonSerializer.SerializeToElement(body, new JsonSerializerOptions { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull }) : body);
}
