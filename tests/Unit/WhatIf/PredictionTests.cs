using Sluice.Revisions;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.WhatIf;
using Sluice.Tests.Unit.Revisions;

namespace Sluice.Tests.Unit.WhatIf;

public sealed class PredictionTests
{
    private static readonly Plan Plan = RevisionCompiler.Compile(Declared.Bodies("""
        { kind: Upstream, name: u, addresses: [http://a] }
        ---
        { kind: Upstream, name: v, addresses: [http://b] }
        ---
        { kind: Route, name: open, match: { path: /open, methods: [GET] }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: closed, match: { path: /closed }, access: key, split: [{ upstream: u }, { upstream: v }], sticky: { by: subject } }
        ---
        { kind: Provider, name: sandbox, dialect: sandbox }
        ---
        { kind: Provider, name: real, dialect: openai, address: "http://c/v1" }
        ---
        { kind: Model, name: assistant, targets: [{ provider: real, model: m }] }
        ---
        { kind: Model, name: toy, targets: [{ provider: sandbox, model: toy }] }
        ---
        { kind: Limit, name: all, subject: workspace, requests: { per: second, amount: 5 } }
        ---
        { kind: Limit, name: tenants, subject: "tenant/*", requests: { per: second, amount: 5 } }
        ---
        { kind: Budget, name: keys, subject: "key/*", amount: { tokens: 10 }, window: { every: day } }
        """)).Plan!;

    [Theory]
    [InlineData("GET", "/open", null, false, 0)]
    [InlineData("POST", "/open", null, false, 405)]
    [InlineData("GET", "/nowhere", null, true, 404)]
    [InlineData("GET", "/closed", null, false, 401)]
    [InlineData("GET", "/closed", null, true, 0)]
    [InlineData("GET", "/v1/chat/completions", null, true, 405)]
    [InlineData("POST", "/v1/chat/completions", "assistant", false, 401)]
    [InlineData("POST", "/v1/chat/completions", null, true, 400)]
    [InlineData("POST", "/v1/chat/completions", "assistant", true, 0)]
    [InlineData("POST", "/v1/chat/completions", "nothing", true, 404)]
    [InlineData("POST", "/v1/chat/completions", "assistant?tokens=3", true, 404)]
    [InlineData("POST", "/v1/embeddings", "toy?tokens=3", true, 0)]
    [InlineData("POST", "/v1/audio/transcriptions", "assistant", true, 0)]
    [InlineData("POST", "/v1/audio/transcriptions", null, true, 400)]
    [InlineData("POST", "/v1/moderations", null, true, 404)]
    [InlineData("GET", "/v1/images/edits", null, true, 405)]
    [InlineData("GET", "/v1/models", null, true, 0)]
    [InlineData("GET", "/v1/models/assistant", null, true, 0)]
    [InlineData("GET", "/v1/models/nothing", null, true, 404)]
    public void A_refusal_is_the_one_that_an_edge_answers(string method, string path, string? model, bool hasKey, int status) =>
        Assert.Equal(status, Of(Asked.Get(path) with { Method = method }, model, hasKey ? Asked.Caller() : null).Refusal?.Status ?? 0);

    [Fact]
    public void A_model_that_the_key_may_not_use_does_not_exist()
    {
        var post = Asked.Get("/v1/chat/completions") with { Method = "POST" };

        Assert.Equal("model_not_found", Of(post, "assistant", Asked.Caller("toy*")).Refusal?.Code);
        Assert.Null(Of(post, "toy", Asked.Caller("toy*")).Refusal);
    }

    [Fact]
    public void On_a_public_route_a_key_counts_for_nobody()
    {
        Assert.Equal(["all"], Of(Asked.Get("/open"), null, Asked.Caller()).Policies.Limits.Select(l => l.Resource.Name));

        var closed = Of(Asked.Get("/closed"), null, Asked.Caller());
        Assert.Equal(["workspace", "tenant/acme"], closed.Policies.Limits.Select(l => l.Subject));
        Assert.Equal(["key/k1"], closed.Policies.Budgets.Select(l => l.Subject));
        Assert.Equal("ada", closed.StickyValue);
    }

    [Fact]
    public void What_is_declared_for_each_key_binds_a_key_that_is_not_named() =>
        Assert.Equal(["key/*"], Of(Asked.Get("/closed"), null, new DescribedCaller("acme", null, null, [])).Policies.Budgets.Select(l => l.Subject));

    private static Prediction Of(DescribedRequest request, string? model, DescribedCaller? caller) => Prediction.Of(Plan, request.AsRoutable, model, caller);
}
