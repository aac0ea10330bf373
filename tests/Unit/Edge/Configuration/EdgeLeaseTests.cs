using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Configuration;

namespace Sluice.Tests.Unit.Edge.Configuration;

public sealed class EdgeLeaseTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void No_lease_holds_before_the_first_grant()
    {
        Assert.False(new EdgeLease(_time).Holds);
    }

    [Fact]
    public void A_lease_is_counted_from_before_it_was_asked_for_not_from_its_answer()
    {
        var lease = new EdgeLease(_time);
        var asked = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(2));

        lease.Extend(asked, TimeSpan.FromSeconds(3));

        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.True(lease.Holds);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(lease.Holds);
    }

    [Fact]
    public void An_answer_that_comes_late_never_shortens_a_lease()
    {
        var lease = new EdgeLease(_time);
        var early = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1));
        lease.Extend(_time.GetTimestamp(), TimeSpan.FromSeconds(3));

        lease.Extend(early, TimeSpan.FromSeconds(3));

        _time.Advance(TimeSpan.FromSeconds(2.5));
        Assert.True(lease.Holds);
    }
}
