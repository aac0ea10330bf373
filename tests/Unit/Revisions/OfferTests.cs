using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Revisions;

/// <summary>Products that are subscribed to, and the stages of models and routes, as they are compiled.</summary>
public sealed class OfferTests
{
    private const string Base = """
        { kind: Upstream, name: u, addresses: [http://a] }
        ---
        { kind: Provider, name: p, dialect: openai, address: http://a }
        ---
        { kind: Model, name: m, targets: [{ provider: p, model: x }] }
        ---
        { kind: Route, name: closed, match: { path: /closed }, access: key, split: [{ upstream: u }] }
        ---

        """;

    [Fact]
    public void What_no_product_closes_has_no_offer_of_its_own()
    {
        var plan = Plan("{ kind: Product, name: premium, models: [m], routes: [closed] }");

        Assert.Null(plan.Models["m"].Offer);
        Assert.All(plan.Routes.All(), r => Assert.Null(r.Offer));
        Assert.False(plan.Products.HasSubscriptions);
    }

    [Fact]
    public void Any_of_the_products_that_have_it_opens_it_to_those_who_hold_an_approved_subscription()
    {
        var plan = Plan("""
            { kind: Product, name: premium, models: [m], routes: [closed], access: subscription }
            ---
            { kind: Product, name: trial, models: [m], access: subscription, approval: automatic }
            ---
            { kind: Product, name: for-counting, models: [m] }
            """);
        var model = plan.Models["m"].Offer!;

        Assert.Equal(["premium", "trial"], model.Products);
        Assert.Equal(OfferTo.NotSubscribed, model.To("acme", default));
        Assert.Equal(OfferTo.NotSubscribed, model.To("acme", [new("trial", SubscriptionState.Requested), new("premium", SubscriptionState.Withdrawn), new("for-counting", SubscriptionState.Approved)]));
        Assert.Equal(OfferTo.Served, model.To("acme", [new("trial", SubscriptionState.Approved)]));
        Assert.Equal(OfferTo.NotSubscribed, Assert.Single(plan.Routes.All()).Offer!.To("acme", [new("trial", SubscriptionState.Approved)]));
    }

    [Fact]
    public void A_public_route_cannot_be_for_subscribers_whether_all_or_the_route_alone_is_compiled()
    {
        var wrong = "{ kind: Route, name: closed, match: { path: /closed }, split: [{ upstream: u }] }";
        var product = "---\n{ kind: Product, name: premium, routes: [closed], access: subscription }";
        var before = RevisionCompiler.Compile(Declared.Bodies(Base + product[4..])).Compilation!;
        var after = Declared.Bodies(Base.Replace("{ kind: Route, name: closed, match: { path: /closed }, access: key, split: [{ upstream: u }] }", wrong, StringComparison.Ordinal) + product[4..]);

        foreach (var result in new[] { RevisionCompiler.Compile(after), RevisionCompiler.Compile(after, before) })
        {
            var error = Assert.Single(result.Errors);
            Assert.Equal("Route/closed: access", error.Path);
            Assert.Equal("must be key: the product 'premium' has this route for its subscribers alone, and only a key tells who asks", error.Message);
        }
    }

    [Fact]
    public void A_route_that_changes_alone_stays_for_subscribers()
    {
        var before = RevisionCompiler.Compile(Declared.Bodies(Base + "{ kind: Product, name: premium, routes: [closed], access: subscription }")).Compilation!;
        var after = Declared.Bodies(Base.Replace("/closed }", "/moved }", StringComparison.Ordinal) + "{ kind: Product, name: premium, routes: [closed], access: subscription }");

        Assert.Equal(["premium"], Assert.Single(RevisionCompiler.Compile(after, before).Plan!.Routes.All()).Offer!.Products);
    }

    [Fact]
    public void A_limit_for_a_product_that_is_subscribed_to_binds_its_subscribers_alone()
    {
        var policies = Plan("""
            { kind: Product, name: trial, models: [m], access: subscription }
            ---
            { kind: Product, name: open, models: [m] }
            ---
            { kind: Limit, name: of-trial, subject: tenant/*, for: { product: trial }, concurrent: 1 }
            ---
            { kind: Limit, name: of-open, subject: tenant/*, for: { product: open }, concurrent: 9 }
            """).Policies;

        Assert.Equal(["of-open"], policies.For("acme", "k", user: null).Limits.Select(l => l.Resource.Name));
        Assert.Equal(["of-open"], policies.For("acme", "k", user: null, standings: [new("trial", SubscriptionState.Requested)]).Limits.Select(l => l.Resource.Name));
        Assert.Equal(["of-open", "of-trial"], policies.For("acme", "k", user: null, standings: [new("trial", SubscriptionState.Approved)]).Limits.Select(l => l.Resource.Name));
    }

    [Fact]
    public void An_open_product_has_no_approval()
    {
        Assert.Equal(
            ["Product/a: approval: has no effect on an open product, to which nobody subscribes; set access: subscription"],
            Declared.Errors("""{"kind":"Product","name":"a","models":["m"],"approval":"automatic"}"""));
    }

    private static Plan Plan(string more)
    {
        var result = RevisionCompiler.Compile(Declared.Bodies(Base + more));
        Assert.Empty(result.Errors);
        return result.Plan!;
    }
}
