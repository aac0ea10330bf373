using Sluice.Edge.Upstreams;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Upstreams;

/// <summary>When an address that fails its requests is left out, and for how long.</summary>
public sealed class AddressEjectionTests
{
    private static readonly EjectionPolicy Policy = new(
        InARow: 5, Share: 50, Requests: 20, Interval: TimeSpan.FromSeconds(10), Time: TimeSpan.FromSeconds(5), Longest: TimeSpan.FromSeconds(12), Most: 50, Panic: 30);

    private readonly AddressEjection _address = new();
    private TimeSpan _now;

    [Fact]
    public void Failures_in_a_row_are_reason_to_eject_and_an_answer_between_begins_anew()
    {
        Assert.False(Fail(4));
        _address.Succeeded(_now, Policy);
        Assert.False(Fail(4));
        Assert.True(Fail(1));
        Assert.False(_address.IsEjected(_now));

        _address.Eject(_now, Policy);
        Assert.True(_address.IsEjected(_now));
        Assert.False(_address.IsEjected(_now + Policy.Time));
    }

    [Fact]
    public void A_share_of_failures_is_reason_only_among_enough_answers_of_one_interval()
    {
        for (var i = 0; i < 9; i++)
        {
            Assert.False(Fail(1));
            _address.Succeeded(_now, Policy);
        }

        Assert.False(Fail(1));
        Assert.True(Fail(1));
        _now += Policy.Interval;
        Assert.False(Fail(1));
    }

    [Fact]
    public void Each_ejection_is_longer_than_the_one_before_up_to_the_longest_until_it_was_well_for_as_long()
    {
        Assert.Equal([5, 10, 12, 12], Enumerable.Range(0, 4).Select(_ => Eject()));
        _now += Policy.Longest;
        Assert.Equal(5, Eject());
    }

    [Fact]
    public void One_that_is_ejected_is_not_ejected_again()
    {
        Eject();
        _now -= TimeSpan.FromSeconds(1);

        Assert.False(Fail(100));
    }

    [Theory]
    [InlineData(1, 100, 0)]
    [InlineData(2, 10, 1)]
    [InlineData(3, 100, 2)]
    [InlineData(10, 50, 5)]
    [InlineData(10, 10, 1)]
    public void One_may_always_be_ejected_and_never_all(int addresses, int most, int expected) =>
        Assert.Equal(expected, AddressEjection.MostOf(addresses, Policy with { Most = most }));

    // How long it lasts, in seconds; afterwards the time is its end.
    private double Eject()
    {
        _address.Eject(_now, Policy);
        var lasts = _address.Until - _now;
        _now = _address.Until;
        return lasts.TotalSeconds;
    }

    // What the last failure says.
    private bool Fail(int times)
    {
        var isReason = false;
        for (var i = 0; i < times; i++)
        {
            isReason = _address.Failed(_now, Policy);
        }

        return isReason;
    }
}
