using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Calls;
using Sluice.Revisions;
using Sluice.Revisions.WhatIf;
using Sluice.Tests.Unit.Revisions;

namespace Sluice.Tests.Unit.WhatIf;

public sealed class ReplayTests
{
    private const string Resources = """
        { kind: Upstream, name: u, addresses: [http://a] }
        ---
        { kind: Upstream, name: v, addresses: [http://b] }
        ---
        { kind: Provider, name: p, dialect: openai, address: "http://c/v1" }
        """;

    private const string Before = Resources + """

        ---
        { kind: Route, name: a, match: { path: "/a/{id}" }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: b, match: { path: "/b/{id}" }, split: [{ upstream: u, weight: 1 }, { upstream: v, weight: 1 }], sticky: { by: header, name: x-user } }
        ---
        { kind: Model, name: m, targets: [{ provider: p, model: one }], price: { input: "1 USD", output: "1 USD" } }
        ---
        { kind: Limit, name: l, subject: "tenant/*", requests: { per: minute, amount: 10 } }
        """;

    [Fact]
    public void Nothing_changes_under_the_same_revision()
    {
        var result = Run(Before, Call("/a/1"), Call("/b/1", user: "ada"), Call("/nowhere"), Model());

        Assert.Equal(4, result.Looked);
        Assert.Equal((0, 0, 0), (result.Changed, result.Groups.Length, result.Unknown.Length));
    }

    [Fact]
    public void A_route_that_is_dropped_and_one_that_moves_are_told_with_their_calls()
    {
        var result = Run(
            Before.Replace("name: a, match: { path: \"/a/{id}\" }", "name: c, match: { path: \"/b/{id}\", methods: [GET] }", StringComparison.Ordinal),
            Call("/a/1"), Call("/a/2"), Call("/b/1", user: "ada"), Call("/nowhere"));

        Assert.Equal(3, result.Changed);
        Assert.Equal([(ReplayAspect.Refused, "route a → u", "404 no_route", 2L), (ReplayAspect.Route, $"route b → {PartOf("ada")}", "route c → u", 1L)], result.Groups.Select(g => (g.Aspect, g.From, g.To, g.Calls)));
        Assert.Equal("/a/1", result.Groups[0].Example.Path);
    }

    [Fact]
    public void Users_of_a_part_that_shrinks_are_told_and_no_others()
    {
        string[] users = [.. Enumerable.Range(0, 100).Select(i => FormattableString.Invariant($"user-{i}"))];
        var after = Before.Replace("upstream: v, weight: 1", "upstream: v, weight: 0", StringComparison.Ordinal);

        var result = Run(after, [.. users.Select(u => Call("/b/1", user: u))]);

        var group = Assert.Single(result.Groups);
        Assert.Equal((ReplayAspect.Part, "route b → v", "route b → u"), (group.Aspect, group.From, group.To));
        Assert.Equal(users.Count(u => PartOf(u) is "v"), group.Calls);
        Assert.Equal(group.Calls, result.Changed);
    }

    [Fact]
    public void What_was_drawn_is_drawn_by_the_same_number_again()
    {
        var after = Before.Replace("upstream: u, weight: 1", "upstream: u, weight: 3", StringComparison.Ordinal);

        var result = Run(after, Call("/b/1") with { Draw = 0.4 }, Call("/b/1") with { Draw = 0.6 }, Call("/b/1") with { Draw = 0.8 });

        Assert.Equal([(ReplayAspect.Part, "route b → v", "route b → u", 1L)], result.Groups.Select(g => (g.Aspect, g.From, g.To, g.Calls)));
    }

    [Fact]
    public void Other_prices_and_limits_are_told_and_what_the_tokens_would_cost()
    {
        var result = Run(
            Before.Replace("input: \"1 USD\"", "input: \"3 USD\"", StringComparison.Ordinal).Replace("amount: 10 }", "amount: 5 }", StringComparison.Ordinal),
            Model() with { InputTokens = 1_000_000, OutputTokens = 1_000_000 },
            Call("/a/1"));

        Assert.Equal(1, result.Changed);
        Assert.Equal([ReplayAspect.Limits, ReplayAspect.Price], result.Groups.Select(g => g.Aspect));
        Assert.Equal(("l of tenant/acme: 10 requests a minute (at most 10 at once)", "l of tenant/acme: 5 requests a minute (at most 5 at once)"), (result.Groups[0].From, result.Groups[0].To));
        Assert.Equal((2e9, 4e9), (result.Groups[1].CostBefore, result.Groups[1].CostAfter));
    }

    [Fact]
    public void What_is_priced_by_unit_is_reckoned_with_its_units()
    {
        var after = Before.Replace("price: { input: \"1 USD\", output: \"1 USD\" }", "price: { input: \"1 USD\", output: \"1 USD\", image: \"0.02 USD\", minute: \"0.006 USD\", characters: \"15 USD\" }", StringComparison.Ordinal);

        var result = Run(after, Model() with { Units = new(3, "1x1", "", 90_000, 1_000) }, Model() with { InputTokens = 1_000_000 });

        var group = Assert.Single(result.Groups);
        Assert.Equal((ReplayAspect.Price, 2L, 1e9, 1e9 + 60e6 + 9e6 + 15e6), (group.Aspect, group.Calls, group.CostBefore, group.CostAfter));
    }

    [Fact]
    public void A_target_that_is_chosen_by_cost_by_the_caller_or_by_what_edges_see_is_the_one_that_edges_would_choose()
    {
        string Of(string strategy, string more = "") => Resources + $$"""

            ---
            { kind: Model, name: m, strategy: {{strategy}}, targets: [{ provider: p, model: one }, { provider: p, model: two }], price: t{{more}} }
            ---
            { kind: Price, name: t, entries: [{ model: one, input: "1 USD", output: "4 USD" }, { model: two, input: "2 USD", output: "2 USD" }] }
            """;
        var short_ = Model() with { InputTokens = 1_000, OutputTokens = 10, Target = "p/two" };
        var long_ = Model() with { InputTokens = 10, OutputTokens = 1_000, Target = "p/one", User = "ada" };
        string?[] To(string after, params CallRecord[] calls) =>
            [.. Replay.Run(Plan(Of("weighted")).Plan, Plan(after).Plan, calls.Select(c => new SampledCall(c with { Draw = 0.9 }, 1))).Groups.Where(g => g.Aspect is ReplayAspect.Part).Select(g => g.To)];

        Assert.Equal(["model m → p/one"], To(Of("cheapest"), short_, long_));
        Assert.Equal(["model m → p/one"], To(Of("leastLatency"), short_, long_));

        var sticky = Plan(Of("sticky")).Plan;
        var nearest = sticky.Models["m"].Targets.MinBy(t => t.DistanceOf("ada"))!.Label;
        Assert.Equal(nearest is "p/two" ? [] : [$"model m → {nearest}"], To(Of("sticky"), long_));

        // What its header was is known only where a revision looked at it.
        var header = Replay.Run(Plan(Of("weighted")).Plan, Plan(Of("sticky", ", sticky: { by: header, name: x-team }")).Plan, [new SampledCall(short_, 1)]);
        Assert.Equal([("header x-team", 1L)], header.Unknown.Select(u => (u.Names, u.Calls)));
        Assert.Contains("x-team", RevisionNames.Of(Plan(Of("sticky", ", sticky: { by: header, name: x-team }"))).Headers);
    }

    [Fact]
    public void What_was_not_kept_is_said_rather_than_guessed()
    {
        var header = Before.Replace("path: \"/a/{id}\"", "path: \"/a/{id}\", headers: [{ name: x-new }]", StringComparison.Ordinal);
        var result = Run(header, Call("/a/1"), Call("/b/1", user: "ada"));
        Assert.Equal([("header x-new", 1L)], result.Unknown.Select(u => (u.Names, u.Calls)));
        Assert.Equal((2, 0), (result.Looked, result.Changed));

        var key = Before.Replace("name: a, match: { path: \"/a/{id}\" }", "name: a, match: { path: \"/a/{id}\" }, access: key", StringComparison.Ordinal);
        result = Run(key, Call("/a/1"), Call("/a/2") with { KeyUnread = true });
        Assert.Equal([("the caller's key", 1L)], result.Unknown.Select(u => (u.Names, u.Calls)));
        Assert.Equal([(ReplayAspect.Refused, "401 invalid_api_key")], result.Groups.Select(g => (g.Aspect, g.To)));
    }

    [Fact]
    public void A_call_that_stands_for_others_counts_for_them()
    {
        var result = Replay.Run(Plan(Before).Plan, Plan(Resources).Plan, [new SampledCall(Call("/a/1"), 2.5), new SampledCall(Call("/a/2"), 2.5)]);

        Assert.Equal((5, 5, 5L), (result.Looked, result.Changed, result.Groups[0].Calls));
    }

    [Fact]
    public void The_names_that_are_kept_are_those_that_routes_look_at_and_no_credentials()
    {
        var names = RevisionNames.Of(Plan(Resources + """

            ---
            { kind: Route, name: a, match: { path: /a, headers: [{ name: X-Beta }, { name: authorization }, { name: cookie }], query: [{ name: q }] }, split: [{ upstream: u }] }
            ---
            { kind: Route, name: b, match: { path: /b, headers: [{ name: x-beta }] }, split: [{ upstream: u }, { upstream: v }], sticky: { by: cookie, name: uid } }
            """));

        Assert.Equal(["X-Beta"], names.Headers);
        Assert.Equal(["q"], names.Query);
        Assert.Equal(["uid"], names.Cookies);
    }

    private static Compilation Plan(string bundle) => RevisionCompiler.Compile(Declared.Bodies(bundle)).Compilation!;

    private static string PartOf(string user)
    {
        var route = Plan(Before).Plan.Routes.All().Single(r => r.Resource.Name is "b");
        return route.Parts[route.Choose(route.ChanceOf(user))].Name;
    }

    private static ReplayResult Run(string candidate, params CallRecord[] calls) => Replay.Run(Plan(Before).Plan, Plan(candidate).Plan, calls.Select(c => new SampledCall(c, 1)));

    private static CallRecord Call(string path, string? user = null) => new(
        DateTimeOffset.UnixEpoch,
        1,
        "GET",
        "shop.example.com:8080",
        path,
        new ObservedNames(["x-user"], [], []),
        user is null ? [] : [new CallValue(CallPlace.Header, "x-user", [user])],
        null,
        null,
        null,
        ImmutableArray<string>.Empty,
        null,
        Stream: false,
        0,
        0,
        0,
        200,
        "",
        "",
        null);

    private static CallRecord Model() => Call("/v1/chat/completions") with { Method = "POST", Tenant = "acme", KeyId = "k", Model = "m", Draw = 0.5 };
}
