using Sluice.Edge.Targets;
using Sluice.Grains.Interfaces.Calls;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Targets;

/// <summary>When a target is ejected, probed and well again.</summary>
public sealed class TargetHealthTests
{
    private readonly TargetHealth _health = new();

    [Fact]
    public void Failures_in_a_row_eject_and_one_success_between_them_does_not()
    {
        Fail(4, At(0));
        _health.Succeeded(At(0));
        Fail(4, At(0));
        Assert.Equal(TargetStanding.Well, _health.At(At(0)));
        Fail(1, At(0));
        Assert.Equal(TargetStanding.Ejected, _health.At(At(0)));
    }

    [Fact]
    public void Half_of_twenty_answers_eject()
    {
        for (var i = 0; i < 9; i++)
        {
            Fail(1, At(0));
            _health.Succeeded(At(0));
        }

        Assert.Equal(TargetStanding.Well, _health.At(At(1)));
        _health.Succeeded(At(1));
        Fail(1, At(1));
        Assert.Equal(TargetStanding.Ejected, _health.At(At(1)));
    }

    [Fact]
    public void What_a_provider_declares_takes_the_place_of_the_defaults()
    {
        _health.Rules = new EjectionRules(2, 0.25, 8, TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
        Fail(1, At(0));
        Assert.Equal(TargetStanding.Well, _health.At(At(0)));
        Fail(1, At(0));
        Assert.Equal((TargetStanding.Ejected, TargetStanding.Due), (_health.At(At(0.9)), _health.At(At(1))));
        Fail(1, At(1));
        Assert.Equal((TargetStanding.Ejected, TargetStanding.Due), (_health.At(At(2.9)), _health.At(At(3))));
        Fail(1, At(3));
        Assert.Equal((TargetStanding.Ejected, TargetStanding.Due), (_health.At(At(5.9)), _health.At(At(6))));
        _health.Succeeded(At(6));
        Assert.Equal(TargetStanding.Well, _health.At(At(6)));

        Fail(1, At(7));
        for (var i = 0; i < 5; i++)
        {
            _health.Succeeded(At(8 + i));
        }

        Fail(1, At(50));
        Assert.Equal(TargetStanding.Well, _health.At(At(50)));
        _health.Succeeded(At(51));
        Fail(1, At(99));
        Assert.Equal(TargetStanding.Ejected, _health.At(At(99)));
    }

    [Fact]
    public void Failures_far_apart_do_not()
    {
        for (var i = 0; i < 200; i++)
        {
            Fail(1, At(i * 3));
            _health.Succeeded(At(i * 3));
            _health.Succeeded(At(i * 3));
        }

        Assert.Equal(TargetStanding.Well, _health.At(At(600)));
    }

    [Fact]
    public void One_request_probes_after_a_time_that_doubles_with_each_probe_that_fails()
    {
        var now = At(0);
        Fail(5, now);
        foreach (var wait in new[] { 5, 10, 20, 40, 80, 160, 300, 300 })
        {
            Assert.Equal(TargetStanding.Ejected, _health.At(now + TimeSpan.FromSeconds(wait) - TimeSpan.FromMilliseconds(1)));
            now += TimeSpan.FromSeconds(wait);
            Assert.Equal(TargetStanding.Due, _health.At(now));
            Assert.True(_health.TryProbe(now));
            Assert.False(_health.TryProbe(now));
            Assert.Equal(TargetStanding.Ejected, _health.At(now));
            Fail(1, now);
        }

        now += TimeSpan.FromMinutes(5);
        Assert.True(_health.TryProbe(now));
        _health.Succeeded(now);
        Assert.Equal(TargetStanding.Well, _health.At(now));
    }

    [Fact]
    public void Times_begin_anew_once_it_has_been_well_for_long_and_not_before()
    {
        Fail(5, At(0));
        Assert.True(_health.TryProbe(At(5)));
        _health.Succeeded(At(5));
        Fail(5, At(20));
        Assert.Equal(TargetStanding.Ejected, _health.At(At(29)));
        Assert.True(_health.TryProbe(At(30)));
        _health.Succeeded(At(30));

        _health.Succeeded(At(400));
        Fail(5, At(401));
        Assert.Equal(TargetStanding.Due, _health.At(At(406)));
    }

    [Fact]
    public void A_probe_whose_client_left_leaves_the_probe_to_another()
    {
        Fail(5, At(0));
        Assert.True(_health.TryProbe(At(5)));
        _health.ToldNothing();
        Assert.True(_health.TryProbe(At(5)));
    }

    [Fact]
    public void A_rest_ends_at_its_time_and_is_no_failure()
    {
        _health.Rest(At(60));
        _health.Rest(At(30));
        Assert.Equal(TargetStanding.Resting, _health.At(At(59)));
        Assert.Equal(TargetStanding.Well, _health.At(At(60)));
        Assert.False(_health.IsEjected);
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(1_000 + seconds);

    private void Fail(int times, TimeSpan now)
    {
        for (var i = 0; i < times; i++)
        {
            _health.Failed(now);
        }
    }
}
