using Sluice.Revisions;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.WhatIf;
using Sluice.Tests.Unit.Revisions;

namespace Sluice.Tests.Unit.WhatIf;

public sealed class RouteTraceTests
{
    private static readonly RouteTable Routes = RevisionCompiler.Compile(Declared.Bodies("""
        { kind: Upstream, name: u, addresses: [http://a] }
        ---
        { kind: Route, name: any, match: { path: "/{**rest}" }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: item, match: { path: "/shop/{id}" }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: beta, match: { path: "/shop/{id}", headers: [{ name: x-beta, values: ["on", "yes"] }] }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: buy, match: { path: "/shop/{id}", methods: [POST], query: [{ name: coupon }] }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: elsewhere, match: { hosts: [other.example.com], path: "/shop/{id}" }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: near, match: { path: "/shop/{id}/lines" }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: far, match: { path: "/else" }, split: [{ upstream: u }] }
        ---
        { kind: Route, name: both, match: { hosts: ["a.example.com", "*.example.com"], path: "/both" }, split: [{ upstream: u }] }
        """)).Plan!.Routes;

    [Fact]
    public void Candidates_come_in_the_order_of_matching_each_with_what_it_lacks()
    {
        var trace = RouteTrace.Of(Routes, Asked.Get("/shop/7").With("x-beta", "off"), most: 10);

        Assert.Equal(["buy", "beta", "item", "any", "elsewhere", "near", "both", "far"], trace.Candidates.Select(c => c.Route.Name));
        Assert.Equal(CandidateVerdict.Matches, Of(trace, "item").Verdict);
        Assert.Equal(CandidateVerdict.Later, Of(trace, "any").Verdict);
        var header = Assert.Single(Of(trace, "beta").Missed);
        Assert.Equal((RouteCondition.Header, "x-beta"), (header.Condition, header.Name));
        Assert.Equal(["on", "yes"], header.Asked);
        Assert.Equal(["off"], header.Met);
        Assert.Equal([RouteCondition.Query, RouteCondition.Method], Of(trace, "buy").Missed.Select(m => m.Condition));
        Assert.Equal(["GET"], Of(trace, "buy").Missed[1].Met);
        Assert.Equal([RouteCondition.Host], Of(trace, "elsewhere").Missed.Select(m => m.Condition));
        Assert.Equal([RouteCondition.Path], Of(trace, "near").Missed.Select(m => m.Condition));
        Assert.Equal([RouteCondition.Host, RouteCondition.Path], Of(trace, "both").Missed.Select(m => m.Condition));
    }

    [Fact]
    public void What_is_farthest_is_counted_where_not_all_are_told()
    {
        var trace = RouteTrace.Of(Routes, Asked.Get("/shop/7"), most: 1);

        Assert.Equal("elsewhere", trace.Candidates[^1].Route.Name);
        Assert.Equal(3, trace.Others);
    }

    [Fact]
    public void A_route_of_several_hosts_is_told_once() =>
        Assert.Single(RouteTrace.Of(Routes, Asked.Get("/both", "a.example.com"), most: 0).Candidates, c => c.Route.Name is "both");

    [Theory]
    [InlineData("GET", "/shop/7")]
    [InlineData("POST", "/shop/7")]
    [InlineData("GET", "/shop/7/lines")]
    [InlineData("GET", "/")]
    [InlineData("GET", "")]
    [InlineData("GET", "/both")]
    public void The_one_that_is_said_to_match_is_the_one_that_is_found(string method, string path)
    {
        foreach (var host in new[] { "h", "a.example.com", "A.EXAMPLE.com:8080", "other.example.com" })
        {
            foreach (var request in new[] { Asked.Get(path, host), Asked.Get(path, host).With("x-beta", "yes"), Asked.Get(path, host).WithQuery("coupon", "") })
            {
                var asked = request with { Method = method };

                Assert.Equal(
                    Routes.Find(asked.AsRoutable).Route?.Resource.Name,
                    RouteTrace.Of(Routes, asked, most: 100).Candidates.SingleOrDefault(c => c.Verdict is CandidateVerdict.Matches)?.Route.Name);
            }
        }
    }

    [Fact]
    public void What_may_be_a_key_is_not_repeated()
    {
        var routes = RevisionCompiler.Compile(Declared.Bodies("""
            { kind: Upstream, name: u, addresses: [http://a] }
            ---
            { kind: Route, name: own, match: { path: /x, headers: [{ name: authorization, values: ["Basic x"] }] }, split: [{ upstream: u }] }
            """)).Plan!.Routes;

        var missed = RouteTrace.Of(routes, Asked.Get("/x").With("Authorization", "Basic secret"), most: 0).Candidates[0].Missed;

        Assert.Equal(["***"], missed[0].Met);
    }

    private static RouteCandidate Of(RouteTrace trace, string name) => trace.Candidates.Single(c => string.Equals(c.Route.Name, name, StringComparison.Ordinal));
}
