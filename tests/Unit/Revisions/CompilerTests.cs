using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Revisions;

public sealed class CompilerTests
{
    [Fact]
    public void A_dangling_reference_is_told_with_the_nearest_name()
    {
        var errors = RevisionCompiler.Compile(Declared.Bodies("""
            { kind: Upstream, name: orders-v2, addresses: [http://a] }
            ---
            { kind: Route, name: r, match: { path: /x }, split: [{ upstream: orders-v1 }] }
            ---
            { kind: Model, name: m, targets: [{ provider: nobody-here, model: x }] }
            ---
            { kind: Provider, name: p, dialect: openai, address: http://a, credentials: [{ secret: s }] }
            ---
            { kind: Webhook, name: w, url: https://a, events: [budget.warning], secrets: [sign] }
            ---
            { kind: Product, name: premium, models: [m, n], routes: [rr] }
            ---
            { kind: Limit, name: l, subject: workspace, for: { product: premuim }, concurrent: 5 }
            ---
            { kind: Limit, name: of-route, subject: workspace, for: { route: m }, concurrent: 5 }
            """)).Errors.Select(e => $"{e.Path}: {e.Message}").ToArray();
        Assert.Equal(
            [
                "Limit/l: for: there is no Product 'premuim'; did you mean 'premium'?",
                "Limit/of-route: for: there is no Model or Route 'route/m'",
                "Model/m: targets[0].provider: there is no Provider 'nobody-here'",
                "Product/premium: models[1]: there is no Model 'n'; did you mean 'm'?",
                "Product/premium: routes[0]: there is no Route 'rr'; did you mean 'r'?",
                "Provider/p: credentials[0].secret: there is no Secret 's'",
                "Route/r: split[0].upstream: there is no Upstream 'orders-v1'; did you mean 'orders-v2'?",
                "Webhook/w: secrets[0]: there is no Secret 'sign'",
            ],
            errors);
    }

    [Theory]
    [InlineData("tenant", "{caller.tenant}", null)]
    [InlineData("tenant", "u-{caller.user}", "Route/r: cache: keeps answers per tenant, but the upstream is told {caller.user}")]
    [InlineData("user", "{caller.user}", null)]
    [InlineData("user", "{caller.key}", "Route/r: cache: keeps answers per user, but the upstream is told {caller.key}")]
    [InlineData("key", "{caller.key}{caller.user}", null)]
    public void Who_is_told_of_to_an_upstream_is_who_its_answers_are_kept_for(string per, string header, string? error)
    {
        var errors = RevisionCompiler.Compile(Declared.Bodies($$"""
            { kind: Upstream, name: u, addresses: [http://a] }
            ---
            { kind: Cache, name: c, per: {{per}} }
            ---
            { kind: Route, name: r, access: key, match: { path: /x }, split: [{ upstream: u }], cache: c, requestHeaders: { set: { x-who: "{{header}}" } } }
            """)).Errors.Select(e => $"{e.Path}: {e.Message}").ToArray();
        Assert.Equal(error is null ? 0 : 1, errors.Length);
        Assert.All(errors, told => Assert.StartsWith(error!, told, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("age: 1h", "Model", null)]
    [InlineData("per: user", "Model", "Model/m: cache: names the Cache 'c', which has no age")]
    [InlineData("age: 1h, per: everyone", "Model", null)]
    [InlineData("age: 1h, per: everyone", "Route", "Route/r: cache: names the Cache 'c', which is per: everyone")]
    public void A_cache_must_be_one_for_what_names_it(string fields, string kind, string? error)
    {
        var errors = RevisionCompiler.Compile(Declared.Bodies($$"""
            { kind: Upstream, name: u, addresses: [http://a] }
            ---
            { kind: Provider, name: p, dialect: sandbox }
            ---
            { kind: Cache, name: c, {{fields}} }
            ---
            {{(kind is "Model" ? "{ kind: Model, name: m, targets: [{ provider: p, model: x }], cache: c }" : "{ kind: Route, name: r, access: key, match: { path: /x }, split: [{ upstream: u }], cache: c }")}}
            """)).Errors.Select(e => $"{e.Path}: {e.Message}").ToArray();
        Assert.Equal(error is null ? 0 : 1, errors.Length);
        Assert.All(errors, told => Assert.StartsWith(error!, told, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{ name: a, prefix: x }", "{ name: A, prefix: x }", true)]
    [InlineData("{ name: a, prefix: x }", "{ name: a, values: [x] }", false)]
    [InlineData("{ name: a, regex: x }", "{ name: a, prefix: x }", false)]
    [InlineData("{ name: a, absent: true }", "{ name: a }", false)]
    [InlineData("{ name: a, absent: true }", "{ name: a, absent: true }", true)]
    public void Conditions_tell_routes_apart_by_what_they_ask_for(string one, string other, bool conflict)
    {
        var errors = RevisionCompiler.Compile(Declared.Bodies($$"""
            { kind: Upstream, name: u, addresses: [http://a] }
            ---
            { kind: Route, name: one, match: { path: /x, headers: [{{one}}] }, split: [{ upstream: u }] }
            ---
            { kind: Route, name: two, match: { path: /x, headers: [{{other}}] }, split: [{ upstream: u }] }
            """)).Errors;
        Assert.Equal(conflict ? 1 : 0, errors.Length);
    }

    [Theory]
    [InlineData("/a/{id}", "/a/{name}", true)]
    [InlineData("/a/{id}", "/a/b", false)]
    [InlineData("/a/{**rest}", "/a/{**all}", true)]
    public void Two_routes_that_claim_the_same_requests_are_a_conflict(string one, string other, bool conflict)
    {
        var errors = RevisionCompiler.Compile(Declared.Bodies($$"""
            { kind: Upstream, name: u, addresses: [http://a] }
            ---
            { kind: Route, name: one, match: { path: "{{one}}" }, split: [{ upstream: u }] }
            ---
            { kind: Route, name: two, match: { path: "{{other}}" }, split: [{ upstream: u }] }
            """)).Errors;
        Assert.Equal(conflict ? 1 : 0, errors.Length);
    }

    [Fact]
    public void Paths_that_Sluice_serves_itself_cannot_be_taken()
    {
        var errors = RevisionCompiler.Compile(Declared.Bodies("""
            { kind: Upstream, name: u, addresses: [http://a] }
            ---
            { kind: Route, name: r, match: { path: /v1/models }, split: [{ upstream: u }] }
            """)).Errors;
        Assert.Contains("served by Sluice itself", Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_workspace_chooses_for_itself_once()
    {
        const string One = "{ kind: Workspace, name: default, maxStale: 10m }";
        Assert.Equal(TimeSpan.FromMinutes(10), RevisionCompiler.Compile(Declared.Bodies(One)).Plan!.Workspace.MaxStale);
        Assert.Equal(WorkspaceResource.Undeclared, RevisionCompiler.Compile([]).Plan!.Workspace);

        var error = Assert.Single(RevisionCompiler.Compile(Declared.Bodies($"{One}\n---\n{{ kind: Workspace, name: other }}")).Errors);
        Assert.StartsWith("claims the workspace's own choices as Workspace 'default'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_difference_of_two_revisions_names_each_resource_once()
    {
        var before = Declared.Bodies("""
            { kind: Upstream, name: a, addresses: [http://a] }
            ---
            { kind: Upstream, name: b, addresses: [http://b] }
            """);
        var after = Declared.Bodies("""
            { kind: Upstream, name: b, addresses: [http://other] }
            ---
            { kind: Upstream, name: c, addresses: [http://c] }
            """);
        Assert.Equal(
            [new(ChangeType.Removed, "Upstream", "a"), new(ChangeType.Changed, "Upstream", "b"), new(ChangeType.Added, "Upstream", "c")],
            RevisionCompiler.Diff(before, after));
    }

    [Fact]
    public void Policies_bind_the_widest_subject_first_and_each_of_a_kind_for_itself()
    {
        var plan = RevisionCompiler.Compile(Declared.Bodies("""
            { kind: Limit, name: all, subject: workspace, concurrent: 5 }
            ---
            { kind: Limit, name: each, subject: "tenant/*", concurrent: 5 }
            ---
            { kind: Limit, name: acme, subject: tenant/acme, concurrent: 5 }
            ---
            { kind: Limit, name: key, subject: "key/*", concurrent: 5 }
            """)).Plan!;
        Assert.Equal(
            ["all workspace", "acme tenant/acme", "each tenant/acme", "key key/k1"],
            plan.Policies.For("acme", "k1", user: null).Limits.Select(l => $"{l.Resource.Name} {l.Subject}"));
        Assert.Equal(["all"], plan.Policies.For(tenant: null, keyId: null, user: null).Limits.Select(l => l.Resource.Name));
    }

    [Fact]
    public void What_is_for_a_product_counts_its_models_and_routes_and_nothing_else()
    {
        var policies = RevisionCompiler.Compile(Declared.Bodies("""
            { kind: Upstream, name: u, addresses: [http://a] }
            ---
            { kind: Route, name: checkout, match: { path: /checkout }, split: [{ upstream: u }] }
            ---
            { kind: Route, name: dear, match: { path: /dear }, split: [{ upstream: u }] }
            ---
            { kind: Provider, name: p, dialect: sandbox }
            ---
            { kind: Model, name: dear, targets: [{ provider: p, model: x }] }
            ---
            { kind: Model, name: product/premium, targets: [{ provider: p, model: x }] }
            ---
            { kind: Product, name: premium, models: [dear], routes: [checkout] }
            ---
            { kind: Limit, name: limit, subject: "tenant/*", for: { product: premium }, concurrent: 5 }
            ---
            { kind: Budget, name: budget, subject: "key/*", for: { product: premium }, amount: { requests: 5 }, window: { every: day } }
            """)).Plan!.Policies.For("acme", "k1", user: null);

        foreach (var (name, isOfProduct) in new[] { ("dear", true), ("route/checkout", true), ("route/dear", false), ("checkout", false), ("product/premium", false) })
        {
            var bound = policies.Of(name);
            Assert.Equal(isOfProduct ? 1 : 0, bound.Limits.Length);
            Assert.Equal(isOfProduct ? 1 : 0, bound.Budgets.Length);
        }
    }

    [Fact]
    public void Raising_a_share_moves_users_only_into_the_part_that_grew()
    {
        var before = Route(95, 5);
        var after = Route(80, 20);
        var moved = 0;
        for (var user = 0; user < 5_000; user++)
        {
            var (was, now) = (before.Choose(before.ChanceOf($"user-{user}")), after.Choose(after.ChanceOf($"user-{user}")));
            Assert.True(was == now || (was, now) == (0, 1));
            moved += was == now ? 0 : 1;
        }

        Assert.InRange(moved, 600, 900);
    }

    private static CompiledRoute Route(int first, int second)
    {
        var plan = RevisionCompiler.Compile(Declared.Bodies($$"""
            { kind: Upstream, name: v1, addresses: [http://a] }
            ---
            { kind: Upstream, name: v2, addresses: [http://b] }
            ---
            { kind: Route, name: r, match: { path: /x }, split: [{ upstream: v1, weight: {{first}} }, { upstream: v2, weight: {{second}} }] }
            """)).Plan!;
        return plan.Routes.Find(new PlainRequest("any", "GET", "/x")).Route!;
    }
}
