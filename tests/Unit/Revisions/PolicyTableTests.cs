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

    private static IEnumerable<string> Names(BoundPolicies bound) => bound.Budgets.Select(b => $"{b.Resource.Name} {b.Subject}");

    private static BudgetResource Budget(string name, SubjectScope scope, string? subject) => new(
        name, new Subject(scope, subject), BudgetUnit.Tokens, 100, new BudgetWindow(WindowLength.Day, "UTC"), BudgetMode.Hard, WhenUnreachable.Closed);
}
