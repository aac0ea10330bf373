using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Caching;
using Sluice.Revisions;
using Sluice.Revisions.Resources;
using Sluice.Tests.Unit.Revisions;

namespace Sluice.Tests.Unit.Edge.Caching;

/// <summary>Who asks, who waits, for how long, and what becomes of them.</summary>
public sealed class UnderWayTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly CacheResource Cache = new("c", 20_000, 10_000, CachePer.Tenant);
    private static readonly RouteResource Route = new("r", new RouteMatch([], "/", [], [], []), RouteAccess.Key, [], null);
    private static readonly UpstreamResource Upstream = (UpstreamResource)ResourceReader.Read(Declared.Bodies("{ kind: Upstream, name: u, addresses: [http://a] }")[0].Json).Resource!;

    private readonly FakeTimeProvider _time = new();
    private readonly UnderWay _underWay = new();

    private CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public void One_of_the_same_asks_and_others_for_others_or_of_other_things_do_not_wait_for_it()
    {
        Assert.True(TryLead("a", "acme", out var first));
        Assert.False(TryLead("a", "acme", out var same));
        Assert.Same(first, same);
        Assert.True(TryLead("a", "other", out _));
        Assert.True(TryLead("b", "acme", out _));

        first.End(LeadEnd.Kept);
        Assert.True(TryLead("a", "acme", out var next));
        first.End(LeadEnd.Unkept);
        Assert.False(TryLead("a", "acme", out same));
        Assert.Same(next, same);
    }

    [Theory]
    [InlineData("Kept", false)]
    [InlineData("Unkept", false)]
    [InlineData("Left", true)]
    public async Task Who_waited_waits_on_only_where_the_other_client_left(string how, bool waitsOn)
    {
        TryLead("a", "acme", out var lead);
        var patience = new Patience(Bound, _time);
        var waiting = patience.WaitAsync(lead, Ended);
        Assert.False(waiting.IsCompleted);

        lead.End(Enum.Parse<LeadEnd>(how));
        await waiting;
        Assert.Equal((true, waitsOn), (patience.HasWaited, patience.IsLeft));
    }

    [Fact]
    public async Task The_time_to_wait_is_one_over_all_that_are_waited_for()
    {
        var patience = new Patience(Bound, _time);
        TryLead("a", "acme", out var first);
        var waiting = patience.WaitAsync(first, Ended);
        _time.Advance(TimeSpan.FromSeconds(20));
        first.End(LeadEnd.Left);
        await waiting;

        TryLead("a", "acme", out var second);
        waiting = patience.WaitAsync(second, Ended);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await waiting;
        Assert.False(patience.IsLeft);
    }

    [Fact]
    public async Task A_client_that_leaves_ends_its_wait_and_nobody_elses()
    {
        TryLead("a", "acme", out var lead);
        using var left = new CancellationTokenSource();
        var (leaving, staying) = (new Patience(Bound, _time), new Patience(Bound, _time));
        var (first, second) = (leaving.WaitAsync(lead, left.Token), staying.WaitAsync(lead, Ended));
        await left.CancelAsync();
        await first;

        Assert.False(leaving.IsLeft);
        Assert.False(second.IsCompleted);
        lead.End(LeadEnd.Left);
        await second;
        Assert.True(staying.IsLeft);
    }

    [Fact]
    public void Where_none_is_to_be_waited_for_none_is() => Assert.False(new Patience(TimeSpan.Zero, _time).IsLeft);

    private bool TryLead(string target, string tenant, out UnderWay.Lead lead) => _underWay.TryLead(target, new KeptFor(Route, Upstream, Cache, tenant, ""), out lead);
}
