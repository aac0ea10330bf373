using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;
using Sluice.Revisions.WhatIf;

namespace Sluice.Tests.Unit.Revisions;

/// <summary>Stages of models and routes, as they are read and compiled.</summary>
public sealed class LifecycleTests
{
    private const string Base = """
        { kind: Upstream, name: u, addresses: [http://a] }
        ---
        { kind: Provider, name: p, dialect: openai, address: http://a }
        ---

        """;

    [Theory]
    [InlineData("\"stage\":\"old\"", "stage: must be one of draft, published, deprecated, retired; is 'old'")]
    [InlineData("\"stage\":\"deprecated\"", "deprecation: is missing")]
    [InlineData("\"stage\":\"deprecated\",\"deprecation\":{}", "deprecation.since: is missing")]
    [InlineData("\"deprecation\":{\"since\":\"2026-01-01\"}", "deprecation: has no effect with stage: published; leave it out, or set stage: deprecated")]
    [InlineData("\"stage\":\"draft\",\"deprecation\":{\"since\":\"2026-01-01\"}", "deprecation: has no effect with stage: draft; leave it out, or set stage: deprecated")]
    [InlineData("\"stage\":\"deprecated\",\"deprecation\":{\"since\":\"soon\"}", "deprecation.since: must be a day (UTC) such as 2026-01-31 or a time such as 2026-01-31T09:30:00Z; is 'soon'")]
    [InlineData("\"stage\":\"deprecated\",\"deprecation\":{\"since\":\"2026-02-01\",\"sunset\":\"2026-01-31\"}", "deprecation.sunset: must not be before since (RFC 9745, section 4)")]
    [InlineData("\"stage\":\"deprecated\",\"deprecation\":{\"since\":\"2026-02-01\",\"successor\":\"v2\"}", "deprecation.successor: must be a path such as /v2/orders, or an http or https address; is 'v2'")]
    [InlineData("\"stage\":\"deprecated\",\"deprecation\":{\"since\":\"2026-02-01\",\"successor\":\"//evil\"}", "deprecation.successor: must be a path such as /v2/orders, or an http or https address; is '//evil'")]
    [InlineData("\"stage\":\"deprecated\",\"deprecation\":{\"since\":\"2026-02-01\",\"successor\":\"/a>; rel=x\"}", "deprecation.successor: must be a path such as /v2/orders, or an http or https address; is '/a>; rel=x'")]
    [InlineData("\"preview\":[\"acme\"]", "preview: has no effect with stage: published; leave it out, or set stage: draft")]
    [InlineData("\"access\":\"key\",\"stage\":\"draft\",\"preview\":[\"Acme Inc\"]", "preview[0]: must be a tenant's name")]
    [InlineData("\"stage\":\"draft\",\"preview\":[\"acme\"]", "preview: has no effect on a public route, whose callers are not known; set access: key")]
    public void What_is_wrong_with_a_stage_is_told(string fields, string expected)
    {
        var errors = Declared.Errors($$$"""{"kind":"Route","name":"r","match":{"path":"/a"},"split":[{"upstream":"u"}],{{{fields}}}}""");

        Assert.Contains(errors, e => e.StartsWith($"Route/r: {expected}", StringComparison.Ordinal));
    }

    [Fact]
    public void The_successor_of_a_model_is_a_model()
    {
        var errors = RevisionCompiler.Compile(Declared.Bodies(Base + """
            { kind: Model, name: old, targets: [{ provider: p, model: x }], stage: retired, deprecation: { since: 2026-01-01, successor: newwer } }
            ---
            { kind: Model, name: newer, targets: [{ provider: p, model: x }] }
            """)).Errors;

        Assert.Equal(["Model/old: deprecation.successor: there is no Model 'newwer'; did you mean 'newer'?"], errors.Select(e => $"{e.Path}: {e.Message}"));
    }

    [Fact]
    public void A_deprecated_one_has_the_headers_of_the_specifications()
    {
        var offer = Assert.Single(Plan("""
            kind: Route
            name: r
            match: { path: /a }
            split: [{ upstream: u }]
            stage: deprecated
            deprecation: { since: "2023-06-30T23:59:59Z", sunset: 2026-06-30, link: "https://example.com/changes", successor: /v2/a }
            """).Routes.All()).Offer!;

        Assert.Equal("@1688169599", offer.Deprecation);
        Assert.Equal("Tue, 30 Jun 2026 00:00:00 GMT", offer.Sunset);
        Assert.Equal(["<https://example.com/changes>; rel=\"deprecation\"", "</v2/a>; rel=\"successor-version\""], offer.Links);
        Assert.Equal(OfferTo.Served, offer.To(null, default));
    }

    [Fact]
    public void A_draft_may_claim_what_a_published_route_has_and_two_drafts_may_not_claim_the_same()
    {
        const string Published = "{ kind: Route, name: now, match: { path: /a }, split: [{ upstream: u }] }\n---\n";
        const string Draft = "{ kind: Route, name: next, match: { path: /a }, access: key, split: [{ upstream: u }], stage: draft, preview: [acme] }\n---\n";
        var plan = Plan(Published + Draft);

        Assert.Equal(["now"], plan.Routes.All().Select(r => r.Resource.Name));
        var draft = Assert.Single(plan.Drafts!.All());
        Assert.Equal((OfferTo.Served, OfferTo.Hidden, OfferTo.Hidden), (draft.Offer!.To("acme", default), draft.Offer.To("other", default), draft.Offer.To(null, default)));
        Assert.Equal("Route/third: match", Assert.Single(RevisionCompiler.Compile(Declared.Bodies(Base + Draft + Draft.Replace("next", "third", StringComparison.Ordinal))).Errors).Path);
    }

    [Fact]
    public void A_draft_that_is_published_alone_is_compiled_as_if_all_were()
    {
        const string Draft = "{ kind: Route, name: next, match: { path: /a }, split: [{ upstream: u }], stage: draft }\n---\n";
        var before = RevisionCompiler.Compile(Declared.Bodies(Base + Draft)).Compilation!;

        var after = RevisionCompiler.Compile(Declared.Bodies(Base + Draft.Replace(", stage: draft", "", StringComparison.Ordinal)), before).Plan!;

        Assert.Null(after.Drafts);
        Assert.Single(after.Routes.All());
    }

    [Fact]
    public void What_would_become_of_a_request_is_predicted_as_edges_decide_it()
    {
        var plan = Plan("""
            { kind: Route, name: next, match: { path: /a }, access: key, split: [{ upstream: u }], stage: draft, preview: [acme] }
            ---
            { kind: Route, name: old, match: { path: /old }, split: [{ upstream: u }], stage: retired }
            ---
            { kind: Route, name: closed, match: { path: /closed }, access: key, split: [{ upstream: u }] }
            ---
            { kind: Product, name: premium, routes: [closed], access: subscription }
            """);

        Assert.Equal((404, "No route matches but 'next', which is a draft and served to acme alone."), Refusal(plan, "/a", new DescribedCaller("other", null, null, [])));
        Assert.Null(Predict(plan, "/a", new DescribedCaller("acme", null, null, [])).Refusal);
        Assert.Equal(410, Refusal(plan, "/old", null).Status);
        Assert.Equal((403, "The route 'closed' is for subscribers of premium alone, and the tenant has no approved subscription."), Refusal(plan, "/closed", new DescribedCaller("acme", null, null, [])));
        Assert.Null(Predict(plan, "/closed", new DescribedCaller("acme", null, null, [], Products: [new("premium", SubscriptionState.Approved)])).Refusal);
    }

    private static (int Status, string Message) Refusal(Plan plan, string path, DescribedCaller? caller) =>
        Predict(plan, path, caller).Refusal is { } refusal ? (refusal.Status, refusal.Message) : default;

    private static Prediction Predict(Plan plan, string path, DescribedCaller? caller) => Prediction.Of(plan, new DescribedRequest("GET", "", path).AsRoutable, null, caller);

    private static Plan Plan(string more)
    {
        var result = RevisionCompiler.Compile(Declared.Bodies(Base + more));
        Assert.Empty(result.Errors);
        return result.Plan!;
    }
}
