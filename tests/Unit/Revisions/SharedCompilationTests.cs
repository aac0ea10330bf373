using System.Collections.Immutable;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Revisions.Compiled;

namespace Sluice.Tests.Unit.Revisions;

/// <summary>A revision that is compiled from the one before is the same as one that is compiled from nothing.</summary>
public sealed class SharedCompilationTests
{
    private static readonly string[] Paths = ["/a", "/a/b", "/a/{x}", "/a/{other}", "/{x}/b", "/a/{**rest}", "/{**all}", "/v1/models"];
    private static readonly string[] Hosts = ["", "hosts: [h.example.com], ", "hosts: [\"*.example.com\"], "];
    private static readonly string[] Methods = ["", ", methods: [GET]", ", methods: [GET, POST]", ", headers: [{ name: x-beta }]"];

    private static readonly Gen<string> AnyResource = Gen.OneOf(
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, Paths.Length - 1], Gen.Int[0, Hosts.Length - 1], Gen.Int[0, Methods.Length - 1], Gen.Int[0, 9], (name, path, host, method, upstream) =>
            $"{{ kind: Route, name: r{name}, match: {{ {Hosts[host]}path: \"{Paths[path]}\"{Methods[method]} }}, split: [{{ upstream: {(upstream == 0 ? "gone" : "u")} }}] }}"),
        Gen.Int[0, 9].Select(port => $"{{ kind: Upstream, name: u, addresses: [\"http://a:8{port}\"] }}"));

    [Fact]
    public void Whatever_was_changed_the_errors_the_hash_and_every_match_are_the_same() =>
        Gen.Select(AnyResource.Array[1, 3].Array[1, 8], Gen.Int[0, 5].Array[0, 2].Array[8], (put, removed) => (put, removed)).Sample(steps =>
        {
            var basis = Compilation.Empty;
            var resources = Declared.Bodies("{ kind: Upstream, name: u, addresses: [http://a] }");
            for (var step = 0; step < steps.put.Length; step++)
            {
                var put = steps.put[step].SelectMany(text => Declared.Bodies(text)).GroupBy(r => (r.Kind, r.Name)).Select(g => g.Last());
                resources = RevisionCompiler.Apply(resources, put, steps.removed[step].Select(name => new ResourceKey("Route", $"r{name}")));
                var (shared, whole) = (RevisionCompiler.Compile(resources, basis), RevisionCompiler.Compile(resources));

                Assert.Equal(whole.Errors.AsEnumerable(), shared.Errors);
                Assert.Equal(whole.Compilation?.Resources.AsEnumerable(), shared.Compilation?.Resources);
                if (shared.Compilation is { } compiled)
                {
                    Assert.Equal(Findings(whole.Plan!.Routes), Findings(compiled.Plan.Routes));
                    basis = compiled;
                }
            }
        });

    [Fact]
    public void Routes_hold_the_texts_that_they_have_in_common_once()
    {
        var bodies = Declared.Bodies("""
            { kind: Upstream, name: upstream, addresses: [http://a] }
            ---
            { kind: Route, name: one, match: { hosts: [h.example.com], path: "/a/{x}", methods: [GET] }, split: [{ upstream: upstream }] }
            ---
            { kind: Route, name: two, match: { hosts: [h.example.com], path: "/a/{x}", methods: [POST, PUT] }, split: [{ upstream: upstream }] }
            """);
        var compiled = RevisionCompiler.Compile(bodies).Compilation!;
        var routes = compiled.Plan.Routes.All().OrderBy(r => r.Resource.Name, StringComparer.Ordinal).Select(r => r.Resource).ToArray();

        Assert.Equal(["one", "two"], routes.Select(r => r.Name));
        Assert.Same(compiled.Resources.Single(b => b.Name is "one").Name, routes[0].Name);
        Assert.Equal(routes[0].Match.Hosts, routes[1].Match.Hosts);
        Assert.Same(routes[0].Match.Path, routes[1].Match.Path);
        Assert.Same(routes[0].Split[0].Upstream, compiled.Plan.Upstreams["upstream"].Name);
        Assert.Same(HttpMethods.Get, routes[0].Match.Methods[0]);
        Assert.Same(HttpMethods.Put, routes[1].Match.Methods[1]);
    }

    [Fact]
    public void A_change_of_one_route_shares_all_else()
    {
        var before = RevisionCompiler.Compile(Declared.Bodies("""
            { kind: Upstream, name: u, addresses: [http://a] }
            ---
            { kind: Route, name: one, match: { path: /one }, split: [{ upstream: u }] }
            ---
            { kind: Route, name: two, match: { path: /two }, split: [{ upstream: u }] }
            """)).Compilation!;
        var resources = RevisionCompiler.Apply(before.Resources, Declared.Bodies("{ kind: Route, name: two, match: { path: /second }, split: [{ upstream: u }] }"), []);

        var after = RevisionCompiler.Compile(resources, before).Plan!;

        Assert.Same(Find(before.Plan.Routes, "/one"), Find(after.Routes, "/one"));
        Assert.Same(before.Plan.Upstreams, after.Upstreams);
        Assert.Null(Find(after.Routes, "/two"));
        Assert.Equal("two", Find(after.Routes, "/second")!.Resource.Name);
        Assert.Equal("two", Find(before.Plan.Routes, "/two")!.Resource.Name);
    }

    [Theory]
    [InlineData("{ kind: Product, name: p, routes: [r] }", "Product/p: routes[0]")]
    [InlineData("{ kind: Limit, name: l, subject: workspace, for: { route: r }, concurrent: 5 }", "Limit/l: for")]
    [InlineData("{ kind: Budget, name: b, subject: workspace, for: { route: r }, amount: { requests: 5 }, window: { every: day } }", "Budget/b: for")]
    public void A_route_that_goes_away_and_is_named_elsewhere_is_told(string other, string path)
    {
        var before = RevisionCompiler.Compile(Declared.Bodies($$"""
            { kind: Upstream, name: u, addresses: [http://a] }
            ---
            { kind: Route, name: r, match: { path: /r }, split: [{ upstream: u }] }
            ---
            {{other}}
            """)).Compilation!;

        var after = RevisionCompiler.Compile(RevisionCompiler.Apply(before.Resources, [], [new ResourceKey("Route", "r")]), before);

        Assert.Equal(path, Assert.Single(after.Errors).Path);
    }

    [Fact]
    public void What_is_put_and_taken_out_stands_in_order()
    {
        var before = RevisionCompiler.Order(Declared.Bodies("""
            { kind: Upstream, name: b, addresses: [http://a] }
            ---
            { kind: Upstream, name: d, addresses: [http://a] }
            """));

        var after = RevisionCompiler.Apply(before, Declared.Bodies("""
            { kind: Upstream, name: e, addresses: [http://a] }
            ---
            { kind: Upstream, name: a, addresses: [http://a] }
            ---
            { kind: Upstream, name: d, addresses: [http://new] }
            """), [new ResourceKey("Upstream", "b"), new ResourceKey("Upstream", "unknown")]);

        Assert.Equal(["a", "d", "e"], after.Select(r => r.Name));
        Assert.Equal(
            [(ChangeType.Added, "a"), (ChangeType.Removed, "b"), (ChangeType.Changed, "d"), (ChangeType.Added, "e")],
            RevisionCompiler.Diff(before, after).Select(c => (c.Type, c.Name)));
    }

    internal static CompiledRoute? Find(RouteTable routes, string path) => routes.Find(new PlainRequest("h", "GET", path)).Route;

    private static List<string> Findings(RouteTable routes) =>
    [
        .. from host in new[] { "h.example.com", "x.example.com", "other", "beta" }
           from method in new[] { "GET", "POST", "PUT" }
           from path in new[] { "/", "/a", "/a/", "/a/b", "/a/c", "/c/b", "/a/b/c", "/c" }
           let found = routes.Find(new PlainRequest(host, method, path))
           select $"{host} {method} {path} {found.Route?.Resource.Name} {string.Join(',', found.AllowedMethods.Order(StringComparer.Ordinal))}",
    ];
}
