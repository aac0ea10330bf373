using Sluice.Grains.Fleet;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Unit.Fleet;

public sealed class LeaseTableTests
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(3);
    private static readonly LeaseTerms Terms = new(Length);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly LeaseTable _leases = new(Terms);

    [Fact]
    public void An_edge_is_listed_when_its_first_renewal_arrives()
    {
        Assert.True(Renew("a", TimeSpan.Zero));
        Assert.False(Renew("a", TimeSpan.FromSeconds(1)));

        Assert.Equal("a", Assert.Single(_leases.Live(TimeSpan.FromSeconds(1))).Report.Hello.Edge);
    }

    [Fact]
    public void A_lease_is_held_for_longer_than_an_edge_with_a_slow_clock_believes_it()
    {
        // The edge counts 3 s on a clock that runs a thousandth slow; ours may run a thousandth fast.
        Assert.True(Terms.Wait >= Length * (1.001 / 0.999));
        Renew("a", TimeSpan.Zero);

        Assert.Single(_leases.Live(Length));
        Assert.Single(_leases.Live(Terms.Wait - Tick));
        Assert.Empty(_leases.Live(Terms.Wait));
    }

    [Fact]
    public void A_renewal_holds_the_lease_from_its_own_time_on()
    {
        Renew("a", TimeSpan.Zero);
        Renew("a", TimeSpan.FromSeconds(2));

        Assert.Empty(_leases.TakeLapsed(Terms.Wait));
        Assert.Equal(["a"], _leases.TakeLapsed(TimeSpan.FromSeconds(2) + Terms.Wait));
    }

    [Fact]
    public void A_lapse_is_told_once()
    {
        Renew("b", TimeSpan.Zero);
        Renew("a", TimeSpan.Zero);

        Assert.Equal(["a", "b"], _leases.TakeLapsed(Terms.Wait));
        Assert.Empty(_leases.TakeLapsed(Terms.Wait + Tick));
    }

    [Fact]
    public void An_edge_that_comes_back_after_its_lease_ended_is_listed_anew()
    {
        Renew("a", TimeSpan.Zero);
        _leases.TakeLapsed(Terms.Wait);

        Assert.True(Renew("a", Terms.Wait));
    }

    [Fact]
    public void An_edge_that_left_is_gone_at_once()
    {
        Renew("a", TimeSpan.Zero);

        Assert.True(_leases.Leave("a"));
        Assert.False(_leases.Leave("a"));
        Assert.Empty(_leases.Live(TimeSpan.Zero));
    }

    [Fact]
    public void What_is_listed_is_what_the_edge_told_last()
    {
        _leases.Renew(Report("a") with { InFlight = 1 }, TimeSpan.Zero, DateTimeOffset.UnixEpoch);
        _leases.Renew(Report("a") with { InFlight = 2 }, TimeSpan.FromSeconds(1), DateTimeOffset.UnixEpoch.AddSeconds(1));

        var status = Assert.Single(_leases.Live(TimeSpan.FromSeconds(1)));
        Assert.Equal(2, status.Report.InFlight);
        Assert.Equal(DateTimeOffset.UnixEpoch, status.Since);
        Assert.Equal(Terms.Wait, status.LeaseLeft);
    }

    private static EdgeReport Report(string edge) => new(new EdgeHello(edge, "http://127.0.0.1:8080", "0.1.0"), new Head(0, 0, ""), 0, 0, null);

    private bool Renew(string edge, TimeSpan now) => _leases.Renew(Report(edge), now, DateTimeOffset.UnixEpoch + now);
}
