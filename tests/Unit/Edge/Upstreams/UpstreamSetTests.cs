using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Edge;
using Sluice.Edge.Configuration;
using Sluice.Edge.Upstreams;
using Sluice.Edge.Upstreams.Discovery;
using Sluice.Revisions;
using Sluice.Revisions.Outbound;
using Sluice.Revisions.Resources;
using Sluice.Tests.Unit.Revisions;

namespace Sluice.Tests.Unit.Edge.Upstreams;

/// <summary>How many requests an address gets that is new or has come back.</summary>
public sealed class UpstreamSetTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Connections _connections;
    private readonly Discoveries _discoveries;
    private readonly UpstreamHealth _health;

    public UpstreamSetTests()
    {
        var (active, own) = (new ActiveRevision(_time), new OwnPorts());
        _connections = new Connections(new EdgeOptions(), own, _time, NullLogger<Connections>.Instance);
        _discoveries = new Discoveries(new EdgeOptions(), active, own, _time, NullLogger<Discoveries>.Instance);
        _health = new UpstreamHealth(active, _connections, _discoveries, _time);
    }

    [Theory]
    [InlineData("roundRobin")]
    [InlineData("random")]
    public void An_address_that_comes_begins_with_a_tenth_of_its_share_and_has_all_of_it_in_time(string balancing)
    {
        Set(balancing, "http://a").Choose(0);
        _time.Advance(TimeSpan.FromMinutes(1));
        var set = Set(balancing, "http://a, http://b");

        // Of 2,200 requests 200, 733 and 1,100, by chance to six standard deviations.
        Assert.InRange(Of(set, "b"), 110, 290);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.InRange(Of(set, "b"), 595, 870);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.InRange(Of(set, "b"), 955, 1_245);
    }

    [Fact]
    public void An_address_that_is_well_again_begins_so_too()
    {
        var set = Set("roundRobin", "http://a, http://b");
        var (upstream, back) = (Declare("roundRobin", "http://a, http://b"), new Uri("http://b"));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.InRange(Of(set, "b"), 955, 1_245);

        var state = _health.Of(upstream, back);
        state.Healthy = false;
        Assert.Equal(0, Of(set, "b"));
        (state.WellSince, state.Healthy) = (_health.Now, true);
        Assert.InRange(Of(set, "b"), 110, 290);
    }

    public void Dispose()
    {
        _health.Dispose();
        _discoveries.Dispose();
        _connections.Dispose();
    }

    private static UpstreamResource Declare(string balancing, string addresses) => (UpstreamResource)ResourceReader.Read(
        Declared.Bodies($"{{ kind: Upstream, name: u, addresses: [{addresses}], loadBalancing: {balancing}, slowStart: 10s }}")[0].Json).Resource!;

    private UpstreamSet Set(string balancing, string addresses) => new(Declare(balancing, addresses), _health, _connections, _discoveries);

    private static int Of(UpstreamSet set, string host) => Enumerable.Range(0, 2_200).Count(_ => string.Equals(set.Choose(0)!.Address.Host, host, StringComparison.Ordinal));
}
