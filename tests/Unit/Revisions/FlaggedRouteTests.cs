using System.Globalization;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.WhatIf;
using Sluice.Tests.Unit.WhatIf;

namespace Sluice.Tests.Unit.Revisions;

/// <summary>Routes that match where a flag says so.</summary>
public sealed class FlaggedRouteTests
{
    private const string Basket = """
        { kind: Upstream, name: u, addresses: [http://a] }
        ---
        { kind: Route, name: old, match: { path: /basket }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: new, match: { path: /basket, when: { flag: new-basket, by: header, name: x-user } }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: key, match: { path: /key, when: { flag: plan, is: gold, by: subject } }, access: key, split: [{ upstream: u }] }
        """;

    private const string Tier = """{ kind: Flag, name: plan, default: none, rules: [{ subjects: [ada], value: gold }, { subjects: [bob], value: silver }] }""";

    [Theory]
    [InlineData("ada", "new")]
    [InlineData("bob", "old")]
    [InlineData(null, "old")]
    public void The_route_that_asks_for_the_flag_serves_those_for_whom_it_is_on_and_the_other_the_rest(string? user, string expected)
    {
        var plan = Compile("{ kind: Flag, name: new-basket, default: false, rules: [{ subjects: [ada], value: true }] }");
        var request = user is null ? Asked.Get("/basket") : Asked.Get("/basket").With("x-user", user);

        Assert.Equal(expected, plan.Routes.Find(request.AsRoutable).Route?.Resource.Name);
    }

    [Fact]
    public void A_share_that_grows_keeps_whom_it_had()
    {
        var (few, more) = (Takers(500), Takers(2_000));

        Assert.InRange(few.Count, 380, 620);
        Assert.InRange(more.Count, 1_800, 2_200);
        Assert.Subset(more, few);
    }

    [Fact]
    public void By_subject_the_callers_user_decides_and_the_plan_says_that_he_must_be_known_first()
    {
        var plan = Compile("{ kind: Flag, name: new-basket, default: false }");

        Assert.True(plan.AsksCaller);
        Assert.Equal("key", plan.Routes.Find((Asked.Get("/key") with { Subject = "ada" }).AsRoutable).Route?.Resource.Name);
        Assert.Null(plan.Routes.Find((Asked.Get("/key") with { Subject = "bob" }).AsRoutable).Route);
        Assert.Null(plan.Routes.Find(Asked.Get("/key").AsRoutable).Route);
    }

    [Fact]
    public void What_a_flag_said_is_told_of_a_route_that_is_passed_over()
    {
        var plan = Compile("{ kind: Flag, name: new-basket, default: false }");
        var trace = RouteTrace.Of(plan.Routes, Asked.Get("/key") with { Subject = "bob" }, most: 0);
        var missed = Assert.Single(Assert.Single(trace.Candidates).Missed);

        Assert.Equal((RouteCondition.Flag, "plan"), (missed.Condition, missed.Name));
        Assert.Equal(["gold"], missed.Asked);
        Assert.Equal(["silver"], missed.Met);
    }

    [Theory]
    [InlineData("{ kind: Flag, name: new-baskets, default: false }", "match.when.flag", "there is no Flag 'new-basket'; did you mean 'new-baskets'?")]
    [InlineData("{ kind: Flag, name: new-basket, default: 'no' }", "match.when.is", "must be of the type of the flag 'new-basket', whose default is \"no\"; is true")]
    public void A_flag_that_is_not_there_or_of_another_type_is_told(string flag, string field, string reason)
    {
        var errors = RevisionCompiler.Compile(Declared.Bodies($"{Basket}\n---\n{Tier}\n---\n{flag}")).Errors;

        Assert.Contains(errors, e => string.Equals(e.Path, $"Route/new: {field}", StringComparison.Ordinal) && e.Message.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Two_routes_that_differ_in_nothing_but_where_the_subject_is_claim_the_same()
    {
        var errors = RevisionCompiler.Compile(Declared.Bodies($"{Basket}\n---\n{Tier}\n---\n{{ kind: Flag, name: new-basket, default: false }}\n---\n{{ kind: Route, name: twice, match: {{ path: /basket, when: {{ flag: new-basket, by: cookie, name: user }} }}, split: [{{ upstream: u }}] }}")).Errors;

        Assert.NotEmpty(errors);
    }

    private static HashSet<string> Takers(int share)
    {
        var plan = Compile($"{{ kind: Flag, name: new-basket, default: false, rules: [{{ share: {share}, value: true }}] }}");
        return [.. Enumerable.Range(0, 10_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"user-{i}"))
            .Where(user => plan.Routes.Find(Asked.Get("/basket").With("x-user", user).AsRoutable).Route?.Resource.Name is "new")];
    }

    private static Plan Compile(string flag) => RevisionCompiler.Compile(Declared.Bodies($"{Basket}\n---\n{Tier}\n---\n{flag}")).Plan!;
}
