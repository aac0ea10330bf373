using Sluice.Grains.Alerts;
using Sluice.Grains.Interfaces.Alerts;

namespace Sluice.Tests.Unit.Alerts;

/// <summary>When alerts begin and end, and who is told.</summary>
public sealed class StoredAlertsTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly Dictionary<(string, string), DateTimeOffset> _pending = [];
    private StoredAlerts _stored = new();

    [Fact]
    public void An_alert_fires_once_its_condition_has_held_for_as_long_as_is_asked_and_ends_when_it_does_not()
    {
        Assert.Empty(At(0, Holds(true, 60)));
        Assert.Empty(At(59, Holds(true, 60)));
        var fired = Assert.Single(At(60, Holds(true, 60)));
        Assert.Equal((AlertPhase.Firing, Start, 5.0), (fired.Phase, fired.Since, fired.Value));
        Assert.Empty(At(70, Holds(true, 60)));
        var ended = Assert.Single(At(80, Holds(false, 60)));

        Assert.Equal((AlertPhase.Resolved, Start, 2L), (ended.Phase, ended.Since, ended.Number));
        Assert.Equal([1, 2], _stored.Untold.Select(t => t.Number));
        Assert.Empty(_stored.Firing);
        Assert.Equal([2], _stored.Told(1).Untold.Select(t => t.Number));
    }

    [Fact]
    public void A_condition_that_stops_to_hold_begins_to_wait_anew()
    {
        At(0, Holds(true, 60));
        At(50, Holds(false, 60));

        Assert.Empty(At(60, Holds(true, 60)));
        Assert.Single(At(120, Holds(true, 60)));
    }

    [Fact]
    public void One_that_is_not_declared_any_more_ends_but_not_while_nothing_is_known_yet()
    {
        At(0, Holds(true, 0));

        Assert.Same(_stored, _stored.Next([], _pending, _ => false, Start.AddSeconds(10)));
        Assert.Equal(AlertPhase.Resolved, Assert.Single(At(20)).Phase);
    }

    [Fact]
    public void What_is_silenced_is_kept_and_marked_until_the_silence_ends()
    {
        _stored = _stored.With(new AlertSilence("sil_1", "a", null, Start.AddSeconds(30), "ada", null), Start);

        Assert.True(Assert.Single(At(0, Holds(true, 0))).IsSilenced);
        Assert.True(_stored.IsSilenced("a", "group=1", Start));
        Assert.False(_stored.IsSilenced("b", "", Start));
        Assert.False(Assert.Single(At(40, Holds(false, 0))).IsSilenced);
    }

    [Fact]
    public void The_history_and_the_silences_are_bounded()
    {
        for (var i = 0; i < StoredAlerts.MostHistory; i++)
        {
            At(2 * i, Holds(true, 0));
            At((2 * i) + 1, Holds(false, 0));
        }

        for (var i = 0; i < StoredAlerts.MostSilences; i++)
        {
            _stored = _stored.With(new AlertSilence($"{i}", "a", null, Start.AddHours(1), "ada", null), Start);
        }

        Assert.Equal((StoredAlerts.MostHistory, StoredAlerts.MostHistory), (_stored.History.Length, _stored.Untold.Length));
        Assert.Same(_stored, _stored.With(new AlertSilence("more", "a", null, Start.AddHours(1), "ada", null), Start));
    }

    private static Judged Holds(bool holds, double seconds) => new("a", "", AlertSeverity.Critical, "summary", "condition", 5, holds, TimeSpan.FromSeconds(seconds));

    private AlertTransition[] At(double seconds, params Judged[] judged)
    {
        var before = _stored.Number;
        _stored = _stored.Next(judged, _pending, _ => true, Start.AddSeconds(seconds));
        return [.. _stored.History.Where(t => t.Number > before)];
    }
}
