using System.Collections.Immutable;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Grains.Rollouts;

namespace Sluice.Tests.Unit.Rollouts;

public sealed class RolloutMovesTests
{
    private static readonly Author Ann = new("ann", "api", "");
    private static readonly RolloutSpec Spec = Counted.Spec(Counted.Guard(errors: 0.01), 100, 10_000);
    private static readonly StoredRollout AtFirst = new() { Spec = Spec, Step = 1, Before = [new("v1", 1), new("v2", 0)] };
    private static readonly ImmutableArray<GuardStanding> Fails = [new("errorRate", GuardVerdict.Failed, default, default, null, "too many")];

    [Fact]
    public void A_step_ends_when_it_was_held_and_enough_requests_came()
    {
        Assert.Null(RolloutMoves.Decide(AtFirst with { Held = TimeSpan.FromMinutes(9) }, [], 1_000));
        Assert.Null(RolloutMoves.Decide(AtFirst with { Held = TimeSpan.FromMinutes(11) }, [], 99));
        Assert.IsType<Decision.Advance>(RolloutMoves.Decide(AtFirst with { Held = TimeSpan.FromMinutes(10) }, [], 100));
    }

    [Theory]
    [InlineData(TimeoutAction.Pause, typeof(Decision.Hold))]
    [InlineData(TimeoutAction.Rollback, typeof(Decision.GoBack))]
    [InlineData(TimeoutAction.Advance, typeof(Decision.Advance))]
    public void A_minimum_that_does_not_come_in_time_does_what_was_declared(TimeoutAction action, Type expected) =>
        Assert.IsType(expected, RolloutMoves.Decide(AtFirst with { Spec = Spec with { OnTimeout = action }, Held = TimeSpan.FromMinutes(71) }, [], 99));

    [Fact]
    public void A_failed_guard_goes_back_at_once_also_while_paused()
    {
        Assert.IsType<Decision.GoBack>(RolloutMoves.Decide(AtFirst, Fails, 0));
        Assert.IsType<Decision.GoBack>(RolloutMoves.Decide(AtFirst with { State = RolloutState.Paused }, Fails, 0));
        Assert.Null(RolloutMoves.Decide(AtFirst with { State = RolloutState.Completed }, Fails, 0));
    }

    [Fact]
    public void A_paused_rollout_holds_for_ever() =>
        Assert.Null(RolloutMoves.Decide(AtFirst with { State = RolloutState.Paused, Held = TimeSpan.FromDays(9) }, [], 1_000_000));

    [Fact]
    public void The_last_step_ends_the_rollout_and_one_without_a_hold_at_once()
    {
        var atLast = AtFirst with { Step = 2, Held = TimeSpan.FromMinutes(10) };

        Assert.IsType<Decision.Complete>(RolloutMoves.Decide(atLast, [], 100));
        Assert.Null(RolloutMoves.Decide(atLast, [], 99));
        Assert.IsType<Decision.Complete>(RolloutMoves.Decide(atLast with { Spec = Spec with { Steps = [Spec.Steps[0], new(10_000, TimeSpan.Zero)] }, Held = TimeSpan.Zero }, [], 0));
    }

    [Fact]
    public void Commands_lead_where_they_say_and_are_refused_where_they_cannot()
    {
        var paused = Steer(AtFirst, RolloutCommand.Pause)!;
        Assert.Equal(RolloutState.Paused, paused.State);
        Assert.Null(Steer(paused, RolloutCommand.Pause));
        Assert.Equal(RolloutState.Running, Steer(paused, RolloutCommand.Resume)!.State);
        Assert.Null(Steer(AtFirst, RolloutCommand.Resume));
        Assert.Equal(2, Steer(AtFirst, RolloutCommand.Promote)!.Pending!.Step);
        Assert.Null(Steer(AtFirst with { Step = 2 }, RolloutCommand.Promote));
        var aborted = Steer(AtFirst, RolloutCommand.Abort)!;
        Assert.Equal((RolloutState.RollingBack, 0, RolloutState.Aborted), (aborted.State, aborted.Pending!.Step, aborted.Pending.Then));
        Assert.All(Enum.GetValues<RolloutCommand>(), c => Assert.Null(Steer(aborted, c)));
        Assert.All(Enum.GetValues<RolloutCommand>(), c => Assert.Null(Steer(AtFirst with { State = RolloutState.Completed }, c)));
    }

    [Fact]
    public void A_batch_counts_once_and_one_of_an_earlier_step_not_at_all()
    {
        var figures = new StoredFigures().With(Batch(1, 1, 10), isWhole: false);

        Assert.Same(figures, figures.With(Batch(1, 1, 10), isWhole: false));
        Assert.Equal(30, figures.With(Batch(1, 2, 20), isWhole: false).New.Requests);
        var second = figures.With(Batch(2, 1, 5), isWhole: false);
        Assert.Equal((5, 5), (second.Old.Requests, second.New.Requests));
        Assert.Same(second, second.With(Batch(1, 3, 7), isWhole: false));
    }

    [Fact]
    public void Where_the_old_part_gets_nothing_any_more_what_it_was_before_is_kept_to_compare_with()
    {
        var last = new StoredFigures().With(Batch(1, 1, 10), isWhole: false).With(Batch(2, 1, 5), isWhole: true);

        Assert.Equal((15, 5), (last.Old.Requests, last.New.Requests));
    }

    private static StoredRollout? Steer(StoredRollout rollout, RolloutCommand command) => RolloutMoves.Steer(rollout, command, Ann, DateTimeOffset.UnixEpoch, "id").Next;

    private static FiguresBatch Batch(int step, long number, long requests) => new("e", number, step, Counted.Failing(requests, 0), Counted.Failing(requests, 0));
}
