using Sluice.Revisions;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Revisions;

/// <summary>A canary: who is served under its change, by what, and what a canary may not be.</summary>
public sealed class CanaryTests
{
    private const string Basis = """
        { kind: Upstream, name: one, addresses: [http://one] }
        ---
        { kind: Upstream, name: two, addresses: [http://two] }
        ---
        { kind: Route, name: shop, match: { path: /shop }, split: [{ upstream: one }] }
        ---
        { kind: Route, name: old, match: { path: /old }, split: [{ upstream: one }] }
        ---

        """;

    private const string Put = "put: [{ kind: Route, name: shop, match: { path: /shop }, split: [{ upstream: two }] }], remove: [{ kind: Route, name: old }]";

    [Fact]
    public void Those_for_whom_it_is_meet_the_revision_as_it_would_be_and_others_as_it_is()
    {
        var plan = Compile($"{{ kind: Canary, name: c, share: 10000, {Put} }}").Plan!;
        var changed = plan.For("acme", "k1", "ann");

        Assert.Equal("one", UpstreamOf(plan, "/shop"));
        Assert.Equal("one", UpstreamOf(plan, "/old"));
        Assert.Equal("two", UpstreamOf(changed, "/shop"));
        Assert.Null(UpstreamOf(changed, "/old"));
        Assert.Null(changed.Canary);
        Assert.Same(changed, plan.For(null, null, null));
    }

    [Fact]
    public void Its_share_of_the_subjects_is_served_under_it_and_who_is_stays_so_when_it_rises()
    {
        var shares = new[] { 0, 100, 1_000, 5_000, 9_999 }.Select(share => Compile($"{{ kind: Canary, name: c, share: {share}, {Put} }}").Plan!).ToArray();
        var users = Enumerable.Range(0, 20_000).Select(i => $"user-{i}").ToArray();
        var taken = shares.Select(plan => users.Where(user => plan.Canary!.Takes("acme", "k1", user)).ToHashSet(StringComparer.Ordinal)).ToArray();

        Assert.Empty(taken[0]);
        Assert.InRange(taken[1].Count, 120, 280);
        Assert.InRange(taken[3].Count, 9_600, 10_400);
        Assert.All(taken.Zip(taken.Skip(1)), pair => Assert.Subset(pair.Second, pair.First));
        Assert.All(shares, plan => Assert.False(plan.Canary!.Takes(null, null, null)));
    }

    [Theory]
    [InlineData("user", "acme", "k1", "ann", "other", "k2", "ann")]
    [InlineData("user", "acme", "k1", "", "other", "k1", "")]
    [InlineData("key", "acme", "k1", "ann", "acme", "k1", "bob")]
    [InlineData("tenant", "acme", "k1", "ann", "acme", "k2", "bob")]
    public void A_subject_is_decided_on_as_one(string by, string tenant, string key, string user, string otherTenant, string otherKey, string otherUser)
    {
        foreach (var i in Enumerable.Range(0, 50))
        {
            var canary = Compile($"{{ kind: Canary, name: c{i}, by: {by}, share: 5000, {Put} }}").Plan!.Canary!;
            Assert.Equal(canary.Takes(tenant, key, user), canary.Takes(otherTenant, otherKey, otherUser));
        }
    }

    [Fact]
    public void A_later_change_of_a_route_reaches_both_sides()
    {
        var before = Compile($"{{ kind: Canary, name: c, share: 10000, {Put} }}").Compilation!;
        var resources = RevisionCompiler.Apply(before.Resources, Declared.Bodies("{ kind: Route, name: more, match: { path: /more }, split: [{ upstream: two }] }"), []);

        var after = RevisionCompiler.Compile(resources, before).Plan!;

        Assert.Equal("two", UpstreamOf(after, "/more"));
        Assert.Equal("two", UpstreamOf(after.For("acme", "k1", "ann"), "/more"));
        Assert.Equal("two", UpstreamOf(after.For("acme", "k1", "ann"), "/shop"));
    }

    [Fact]
    public void What_its_change_would_break_is_told_where_it_is_declared()
    {
        Assert.Equal(["Canary/c: put: Route/shop: split[0].upstream: there is no Upstream 'three'"], Errors("{ kind: Canary, name: c, put: [{ kind: Route, name: shop, match: { path: /shop }, split: [{ upstream: three }] }] }"), StringStart);
        Assert.Equal(["Canary/c: remove[0]: there is no Route 'none'"], Errors("{ kind: Canary, name: c, remove: [{ kind: Route, name: none }] }"), StringStart);
        Assert.Contains("Canary/b: name: claims the one canary that a workspace has at a time", Errors($"{{ kind: Canary, name: a, {Put} }}\n---\n{{ kind: Canary, name: b, {Put} }}")[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"kind":"Canary","name":"c"}""", "Canary/c: put: is missing")]
    [InlineData("""{"kind":"Canary","name":"c","share":10001,"remove":[{"kind":"Route","name":"r"}]}""", "Canary/c: share: ")]
    [InlineData("""{"kind":"Canary","name":"c","put":[{"kind":"Limit","name":"l","subject":"tenant/*","concurrent":1}]}""", "Canary/c: put[0]: a canary changes resources of the kinds Route,")]
    [InlineData("""{"kind":"Canary","name":"c","remove":[{"kind":"Secret","name":"s"}]}""", "Canary/c: remove[0]: a canary changes")]
    [InlineData("""{"kind":"Canary","name":"c","put":[{"kind":"Route","name":"r"}]}""", "Canary/c: put[0]: Route/r: match")]
    [InlineData("""{"kind":"Canary","name":"c","put":[{"kind":"Rout","name":"r"}]}""", "Canary/c: put[0]: resource: kind: there is no kind 'Rout'")]
    [InlineData("""{"kind":"Canary","name":"c","remove":[{"kind":"Route","name":"r"},{"kind":"Route","name":"r"}]}""", "Canary/c: put: Route/r stands here twice")]
    public void What_is_wrong_with_one_is_told_with_its_field(string json, string error) => Assert.Contains(Declared.Errors(json), found => found.StartsWith(error, StringComparison.Ordinal));

    private static readonly EqualityComparer<string> StringStart = EqualityComparer<string>.Create((expected, actual) => actual!.StartsWith(expected!, StringComparison.Ordinal));

    private static CompileResult Compile(string canary) => RevisionCompiler.Compile(Declared.Bodies(Basis + canary));

    private static string[] Errors(string canary) => [.. Compile(canary).Errors.Select(e => $"{e.Path}: {e.Message}")];

    private static string? UpstreamOf(Plan plan, string path) => SharedCompilationTests.Find(plan.Routes, path)?.Parts[0].Name;
}
