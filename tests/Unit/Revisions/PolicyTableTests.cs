using System.Collections.Frozen;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Revisions;

public sealed class PolicyTableTests
{
    private static readonly PolicyTable Table = new(
        [],
        [
            Budget("key", SubjectScope.Key, null), Budget("user", SubjectScope.User, "acme/ann"), Budget("team", SubjectScope.Team, null), Budget("tenant", SubjectScope.Tenant, "acme"),
            Budget("organisation", SubjectScope.Organisation, "north"), Budget("all", SubjectScope.Workspace, null),
            Budget("dear", SubjectScope.Tenant, null) with { For = new PolicyFor("dear") }, Budget("checkout", SubjectScope.Tenant, null) with { For = PolicyFor.Route("checkout") },
        ]);

    [Fact]
    public void All_levels_of_the_chain_bind_the_widest_first() => Assert.Equal(
        ["all workspace", "organisation organisation/north", "tenant tenant/acme", "team team/acme/red", "user user/acme/ann", "key key/k1"],
        Names(Table.For("acme", "k1", "ann", "red", "north").Of("cheap")));

    [Fact]
    public void What_is_for_one_model_or_route_counts_nothing_else()
    {
        var all = Table.For("acme", "k1", null);

        Assert.Equal(["all workspace", "tenant tenant/acme", "dear tenant/acme", "key key/k1"], Names(all.Of("dear")));
        Assert.Equal(["all workspace", "tenant tenant/acme", "checkout tenant/acme", "key key/k1"], Names(all.Of("route/checkout")));
    }

    [Fact]
    public void What_is_for_one_subject_may_stand_in_the_place_of_what_each_has()
    {
        var table = new PolicyTable(
            [],
            [
                Budget("each", SubjectScope.Tenant, null), Budget("own", SubjectScope.Tenant, "acme") with { InPlaceOf = "each" }, Budget("beside", SubjectScope.Tenant, "acme"), Budget("all", SubjectScope.Workspace, null),
            ]);

        Assert.Equal(["all workspace", "beside tenant/acme", "own tenant/acme"], Names(table.For("acme", "k1", null)));
        Assert.Equal(["all workspace", "each tenant/globex"], Names(table.For("globex", "k1", null)));
    }

    [Fact]
    public void It_binds_subscribers_of_its_product_alone_and_so_replaces_for_them_alone()
    {
        var plan = new PolicyFor(null, "plan") { BindsSubscribers = true, Members = new[] { "m" }.ToFrozenSet(StringComparer.Ordinal) };
        var table = new PolicyTable([], [Budget("each", SubjectScope.Tenant, null) with { For = plan }, Budget("own", SubjectScope.Tenant, "acme") with { For = plan, InPlaceOf = "each" }]);

        Assert.Equal(["own tenant/acme"], Names(table.For("acme", "k1", null, standings: [new ProductStanding("plan", SubscriptionState.Approved)])));
        Assert.Equal(["each tenant/globex"], Names(table.For("globex", "k1", null, standings: [new ProductStanding("plan", SubscriptionState.Approved)])));
        Assert.Empty(Names(table.For("acme", "k1", null)));
    }

    [Fact]
    public void What_cannot_stand_in_anothers_place_is_told()
    {
        var errors = RevisionCompiler.Compile(Declared.Bodies("""
            { kind: Limit, name: each, subject: tenant/*, concurrent: 2 }
            ---
            { kind: Limit, name: well, subject: tenant/acme, concurrent: 9, inPlaceOf: each }
            ---
            { kind: Limit, name: nobody, subject: tenant/b, concurrent: 9, inPlaceOf: eahc }
            ---
            { kind: Limit, name: user, subject: user/acme/ada, concurrent: 9, inPlaceOf: each }
            ---
            { kind: Limit, name: wide, subject: workspace, concurrent: 9, inPlaceOf: each }
            ---
            { kind: Limit, name: other, subject: tenant/acme, for: { model: m }, concurrent: 9, inPlaceOf: each }
            ---
            { kind: Provider, name: p, dialect: sandbox }
            ---
            { kind: Model, name: m, targets: [{ provider: p, model: lorem }] }
            """)).Errors;

        Assert.Equal(
            [
                "Limit/nobody: inPlaceOf: there is no Limit 'eahc'; did you mean 'each'?",
                "Limit/other: inPlaceOf: names Limit 'each', which counts other requests: the two must have the same 'for'",
                "Limit/user: inPlaceOf: names Limit 'each', which is not for each such subject: what is for one, such as tenant/acme, stands in the place of what is for tenant/*",
                "Limit/wide: inPlaceOf: names Limit 'each', which is not for each such subject: what is for one, such as tenant/acme, stands in the place of what is for tenant/*",
            ],
            errors.Select(e => $"{e.Path}: {e.Message}"));
    }

    private static IEnumerable<string> Names(BoundPolicies bound) => bound.Budgets.Select(b => $"{b.Resource.Name} {b.Subject}");

    private static BudgetResource Budget(string name, SubjectScope scope, string? subject) => new(
        name, new Subject(scope, subject), BudgetUnit.Tokens, 100, new BudgetWindow(WindowLength.Day, "UTC"), BudgetMode.Hard, WhenUnreachable.Closed);
}
