using System.Collections.Immutable;
using Sluice.Grains.Effects;
using Sluice.Grains.Interfaces.Effects;
using Sluice.Tests.Unit.Rollouts;

namespace Sluice.Tests.Unit.Metrics;

/// <summary>How requests went before and after a revision: the rules.</summary>
public sealed class StoredEffectsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private StoredEffects _state = new();
    private long _number;

    [Fact]
    public void Requests_of_the_minutes_before_stand_against_those_under_the_revision()
    {
        Report(0, active: 1, (1, Figures(50)));
        Report(400, active: 1, (1, Figures(1_000, errors: 2)));
        Report(410, active: 2, (1, Figures(10)), (2, Figures(100, errors: 50)));
        Report(411, active: 2, (1, Figures(7)), (2, Figures(100, errors: 50)));

        var effect = Comparison.Of(_state.Open.Single(o => o.Revision == 2), isOpen: true);

        // What was counted more than five minutes before is not part of it; what another edge had still to tell is.
        Assert.Equal((1_017, 2), (effect.Before.Requests, effect.Before.Errors));
        Assert.Equal((200, 100), (effect.After.Requests, effect.After.Errors));
        Assert.Equal(EffectVerdict.Errors, effect.Worse);
    }

    [Fact]
    public void More_refusals_are_worse_too_and_a_few_errors_more_are_not()
    {
        Report(0, active: 1, (1, Figures(1_000, errors: 10, refused: 10)));
        Report(10, active: 2, (2, Figures(1_000, errors: 15, refused: 200)));

        Assert.Equal(EffectVerdict.Refused, Comparison.Of(_state.Open[^1], isOpen: true).Worse);
    }

    [Fact]
    public void Without_requests_on_a_side_nothing_is_worse()
    {
        Report(0, active: 1, (1, Figures(500, errors: 500)));
        Report(1, active: 2);

        Assert.All(_state.Open, open => Assert.Equal(EffectVerdict.None, Comparison.Of(open, isOpen: true).Worse));
        Assert.Equal([1L, 2L], _state.Open.Select(o => o.Revision));
    }

    [Fact]
    public void A_batch_that_is_sent_again_counts_once()
    {
        Report(0, active: 1, (1, Figures(10)));
        var before = _state;

        _number--;
        Report(1, active: 1, (1, Figures(10)));

        Assert.Same(before, _state);
    }

    [Fact]
    public void After_five_minutes_a_revision_is_over_and_counts_no_more()
    {
        Report(0, active: 1, (1, Figures(10)));
        Report(301, active: 1, (1, Figures(10)));

        var (left, over) = _state.TakeOver(Noon.AddSeconds(301));

        Assert.Equal(10, Assert.Single(over).After.Requests);
        Assert.Empty(left.Open);
        _state = left;
        Report(302, active: 1, (1, Figures(10)));
        Assert.Empty(_state.Open);
    }

    [Fact]
    public void However_many_revisions_come_few_are_open_and_little_is_stored()
    {
        for (var number = 1; number <= 1_000; number++)
        {
            Report(number, number, (number, Figures(1)));
            _state = _state.TakeOver(Noon.AddSeconds(number)).Left;
        }

        Assert.Equal(StoredEffects.MostOpen, _state.Open.Length);
        Assert.InRange(_state.Recent.Length, 1, 12);
    }

    [Fact]
    public void An_edge_that_is_silent_for_days_is_forgotten()
    {
        Report(0, active: 1);
        _state = _state.With(new EffectBatch("other", 1, 1, []), Noon.AddDays(2));

        Assert.Equal(["other"], _state.Counted.Keys);
    }

    [Fact]
    public void An_edge_that_lags_behind_opens_nothing_again()
    {
        Report(0, active: 5, (5, Figures(10)));
        _state = _state.With(new EffectBatch("slow", 1, 3, [new RevisionFigures(3, Figures(10))]), Noon.AddSeconds(60));

        Assert.Equal(5, Assert.Single(_state.Open).Revision);
        Assert.Equal((0L, 10L), (_state.Open[0].Before.Requests, _state.Open[0].After.Requests));
    }

    private static RequestFigures Figures(long requests, long errors = 0, long refused = 0) =>
        new(requests, errors, refused, 0, Counted.Histogram(Enumerable.Repeat(2_000L, (int)requests)));

    private void Report(int seconds, long active, params (long Revision, RequestFigures Figures)[] figures) =>
        _state = _state.With(
            new EffectBatch("edge", ++_number, active, [.. figures.Select(f => new RevisionFigures(f.Revision, f.Figures))]), Noon.AddSeconds(seconds));
}
