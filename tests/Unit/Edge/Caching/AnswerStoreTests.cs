using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Caching;
using Sluice.Edge.Caching.Models;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Revisions;
using Sluice.Revisions.Resources;
using Sluice.Tests.Unit.Revisions;

namespace Sluice.Tests.Unit.Edge.Caching;

/// <summary>What is kept, for whom, in how much room, and what is forgotten.</summary>
public sealed class AnswerStoreTests
{
    private static readonly CacheResource Cache = new("c", 20_000, 10_000, CachePer.Tenant);
    private static readonly RouteResource Route = new("r", new RouteMatch([], "/", [], [], []), RouteAccess.Key, [], null);
    private static readonly RouteResource Other = new("s", new RouteMatch([], "/s", [], [], []), RouteAccess.Key, [], null);

    private static readonly UpstreamResource Upstream = (UpstreamResource)ResourceReader.Read(Declared.Bodies("{ kind: Upstream, name: u, addresses: [http://a] }")[0].Json).Resource!;

    private readonly AnswerStore _store = new();

    [Fact]
    public void What_is_kept_is_found_by_the_same_tenant_target_and_declarations_alone()
    {
        _store.Put("http://h/a", For("acme"), Answer("1"), 0);

        Assert.Equal("1", Find("http://h/a", For("acme")));
        Assert.Null(Find("http://h/a", For("other")));
        Assert.Null(Find("http://h/b", For("acme")));
        Assert.Null(Find("http://h/a", new KeptFor(Route with { Name = "r" }, Upstream, Cache, "acme", "")));
        Assert.Null(Find("http://h/a", new KeptFor(Route, Upstream, Cache with { Size = 20_000 }, "acme", "")));
    }

    [Fact]
    public void Variants_stand_beside_each_other_and_the_same_one_replaces()
    {
        _store.Put("http://h/a", For("acme"), Answer("de") with { Vary = [("Accept-Language", "de")] }, 0);
        _store.Put("http://h/a", For("acme"), Answer("en") with { Vary = [("Accept-Language", "en")] }, 0);
        _store.Put("http://h/a", For("acme"), Answer("de2") with { Vary = [("Accept-Language", "de")] }, 0);

        Assert.Equal("de2", Find("http://h/a", For("acme"), "de"));
        Assert.Equal("en", Find("http://h/a", For("acme"), "en"));
        Assert.Null(Find("http://h/a", For("acme"), "fr"));
    }

    [Fact]
    public void The_longest_unused_goes_first_and_the_room_is_never_exceeded()
    {
        for (var i = 0; i < 200; i++)
        {
            _store.Put(Target(i), For("acme"), Answer(new string('x', 1_000)), 0);
            Assert.InRange(_store.Size, 1, Cache.Size);
            Assert.NotNull(Find(Target(0), For("acme")));
        }

        Assert.Null(Find(Target(1), For("acme")));
        Assert.NotNull(Find(Target(199), For("acme")));
        _store.Purge(null);
        Assert.Equal(0, _store.Size);
    }

    [Fact]
    public void What_was_asked_for_before_a_purge_is_not_kept_after_it()
    {
        var before = _store.Purges;
        _store.Purge(new CachePurge("c", Tenant: "other"));
        _store.Put("http://h/a", For("acme"), Answer("old"), before);

        Assert.Null(Find("http://h/a", For("acme")));
    }

    [Theory]
    [InlineData(null, null, null, "")]
    [InlineData("acme", null, null, "other/a other/b")]
    [InlineData(null, "r", null, "acme-s")]
    [InlineData(null, null, "/a", "acme/b other/b acme-s")]
    [InlineData(null, null, "/*", "")]
    [InlineData("acme", null, "/a*", "acme/b other/a other/b")]
    public void A_purge_takes_what_fits_all_that_it_names(string? tenant, string? route, string? path, string left)
    {
        _store.Put("http://h/a?q=1", For("acme"), Answer("acme/a"), 0);
        _store.Put("http://h/b", For("acme"), Answer("acme/b"), 0);
        _store.Put("http://h/a", For("other"), Answer("other/a"), 0);
        _store.Put("http://h/b", For("other"), Answer("other/b"), 0);
        _store.Put("http://h/a/s", new KeptFor(Other, Upstream, Cache, "acme", ""), Answer("acme-s"), 0);

        _store.Purge(CachePurge.Of(new CachePurge("c", tenant, route, path).Subject));

        string?[] found =
        [
            Find("http://h/a?q=1", For("acme")), Find("http://h/b", For("acme")), Find("http://h/a", For("other")), Find("http://h/b", For("other")),
            Find("http://h/a/s", new KeptFor(Other, Upstream, Cache, "acme", "")),
        ];
        Assert.Equal(left, string.Join(' ', found.OfType<string>()));
    }

    [Fact]
    public void A_changed_target_is_forgotten_for_everybody_and_a_mark_holds_for_its_time()
    {
        _store.Put("http://h/a", For("acme"), Answer("1"), 0);
        _store.Put("http://h/a", For("other"), Answer("2"), 0);
        _store.Forget("http://h/a");
        _store.Pass("http://h/a", For("acme"), until: 10);

        Assert.Null(Find("http://h/a", For("other")));
        Assert.True(_store.Find("http://h/a", For("acme"), null, now: 9).IsPassed);
        Assert.False(_store.Find("http://h/a", For("acme"), null, now: 10).IsPassed);
    }

    [Fact]
    public void A_purge_by_model_and_tenant_forgets_what_the_tenant_asked_for_though_everybody_shares_it()
    {
        var model = new ModelResource("m", TargetStrategy.Weighted, [], 1, null, ModelPricing.Undeclared, null);
        var whom = new KeptFor(model, Upstream, Cache, "", "");
        _store.Put("1", whom, Said("acme"), 0);
        _store.Put("2", whom, Said("other"), 0);
        _store.Put("http://h/a", For("acme"), Answer("route"), 0);

        _store.Purge(CachePurge.Of(new CachePurge("c", Tenant: "acme", Model: "m").Subject));

        Assert.Equal((null, "other", "route"), (Find("1", whom), Find("2", whom), Find("http://h/a", For("acme"))));

        static StoredAnswer Said(string tenant) => Answer(tenant) with { Said = new SaidAnswer(tenant, IsStream: false, default, IsBatch: false) };
    }

    [Fact]
    public void A_purge_is_told_as_a_text_and_read_back()
    {
        var purge = new CachePurge("pages", "acme", "docs", "/ä b/%2f&=?*", "a/b:c");

        Assert.Equal(purge, CachePurge.Of(purge.Subject));
        Assert.Equal("pages", new CachePurge("pages").Subject);
    }

    private static KeptFor For(string tenant) => new(Route, Upstream, Cache, tenant, "");

    private static StoredAnswer Answer(string body) => new(200, [], Encoding.UTF8.GetBytes(body), default);

    private static string Target(int i) => string.Create(CultureInfo.InvariantCulture, $"http://h/{i}");

    private string? Find(string target, KeptFor whom, string? language = null) =>
        _store.Find(target, whom, new HeaderDictionary { ["Accept-Language"] = language }, 0).Answer is { } answer ? Encoding.UTF8.GetString(answer.Body) : null;
}
