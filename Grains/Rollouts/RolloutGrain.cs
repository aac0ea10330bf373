using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Grains.Rollouts;

/// <summary>
/// The shell around <see cref="RolloutMoves"/>: looks twice a second, decides, stores what is to be published, publishes it and stores that it is. A kill between
/// any two of these leaves a publish id behind, by which the next activation brings the same publish to its end. The protocol is described in docs/rollouts.md.
/// </summary>
[GrainType("rollout")]
internal sealed class RolloutGrain : Grain, IRolloutGrain
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    // What a kill may cost of a hold.
    private static readonly TimeSpan KeepEvery = TimeSpan.FromSeconds(5);

    private readonly Durable<StoredRollout> _state;
    private readonly FiguresStore _figures;
    private readonly TimeProvider _time;
    private readonly ILogger<RolloutGrain> _log;
    private SplitPublish _publish = null!;
    private string _workspace = "";
    private string _name = "";
    private IGrainTimer? _timer;
    private long _lookedAt;
    private TimeSpan _held;
    private long _seen = -1;
    private bool _isStarting;
    private (StoredFigures? Of, ImmutableArray<GuardStanding> Guards) _judged = (null, []);

    public RolloutGrain(
        [PersistentState("rollout")] IPersistentState<StoredRollout> state, [PersistentState("figures")] IPersistentState<StoredFigures> figures, TimeProvider time, ILogger<RolloutGrain> log) =>
        (_state, _figures, _time, _log) = (new(this, state), new(new(this, figures)), time, log);

    private IRolloutDirectoryGrain Directory => GrainFactory.GetGrain<IRolloutDirectoryGrain>(_workspace);

    private DateTimeOffset Now => _time.GetUtcNow();

    private string NewId => Guid.CreateVersion7(Now).ToString("N");

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (_workspace, _name) = GrainKeys.Split(this.GetPrimaryKeyString()) is [var workspace, var name]
            ? (workspace, name)
            : throw new InvalidOperationException($"A rollout's key is workspace|name, not '{this.GetPrimaryKeyString()}'.");
        _publish = new SplitPublish(GrainFactory.GetGrain<ICatalogGrain>(_workspace), _name);
        _held = _state.Value.Held;
        GoOn();
        return Task.CompletedTask;
    }

    public async Task<RolloutOutcome> StartAsync(RolloutSpec spec, Author author)
    {
        if (_state.Value is { Spec: not null, HasEnded: false })
        {
            return new RolloutOutcome.Taken(_name);
        }

        var body = await _publish.ReadAsync(spec);
        if (SplitBody.Check(spec, body) is { IsEmpty: false } errors)
        {
            return new RolloutOutcome.Invalid(errors);
        }

        _isStarting = true;
        try
        {
            if (await Directory.ClaimAsync(_name, spec.Kind, spec.Resource) is { } by)
            {
                return new RolloutOutcome.Taken(by);
            }

            var before = SplitBody.Read(body)!.Value;
            await _state.WriteAsync(new StoredRollout(
                spec, author, before, before, RolloutState.Running, 0, TimeSpan.Zero, new PendingPublish(NewId, 1, RolloutState.Running, "the rollout begins", author),
                [new RolloutEvent(Now, "started", $"{spec.Resource}: from {spec.From} to {spec.To}", 0, null, author)]));
        }
        finally
        {
            _isStarting = false;
        }

        (_held, _seen) = (TimeSpan.Zero, -1);
        GoOn();
        return new RolloutOutcome.Done(Status());
    }

    public Task<RolloutStatus?> GetAsync() => Task.FromResult(_state.Value.Spec is null ? null : Status());

    public async Task<RolloutOutcome> SteerAsync(RolloutCommand command, Author author)
    {
        if (_state.Value.Spec is null)
        {
            return new RolloutOutcome.Unknown();
        }

        var (next, refusal) = RolloutMoves.Steer(_state.Value with { Held = _held }, command, author, Now, NewId);
        if (next is null)
        {
            return new RolloutOutcome.Refused(refusal!);
        }

        await _state.WriteAsync(next);
        _held = next.Held;
        await TellAsync(next.History[^1].What, author);
        return new RolloutOutcome.Done(Status());
    }

    public async Task WakeAsync()
    {
        // A silo that was lost leaves a name that was claimed for nothing, or an end that the directory was not told of.
        if (!_isStarting && (_state.Value.Spec is null || _state.Value.HasEnded))
        {
            await Directory.EndAsync(_name, keep: _state.Value.Spec is not null);
        }
    }

    public Task ReportAsync(FiguresBatch batch) => _state.Value is { Spec: { } spec, HasEnded: false }
        ? _figures.CountAsync(batch, batch.Step >= 1 && batch.Step <= spec.Steps.Length && spec.Steps[batch.Step - 1].Share == RolloutStep.Whole)
        : Task.CompletedTask;

    private void GoOn()
    {
        if (_state.Value is { Spec: not null, HasEnded: false } && _timer is null)
        {
            _lookedAt = _time.GetTimestamp();
            _timer = this.RegisterGrainTimer(LookAsync, new GrainTimerCreationOptions(TimeSpan.FromMilliseconds(10), LookEvery) { KeepAlive = true });
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        try
        {
            if (_state.Value.Pending is { } pending)
            {
                await PublishAsync(pending);
            }
            else if (_state.Value is { HasEnded: false } && await IsOursAsync())
            {
                await DecideAsync();
            }
        }
        catch (Exception e)
        {
            _log.LogWarning(e, "Rollout {Rollout} could not go on and tries again.", _name);
        }

        if (_state.Value.HasEnded && _timer is { } timer)
        {
            _timer = null;
            timer.Dispose();
        }
    }

    private async Task DecideAsync()
    {
        // By the clock that nobody sets, and only while somebody looked: a hold is not over because a silo was away.
        var now = _time.GetTimestamp();
        var passed = _time.GetElapsedTime(_lookedAt, now);
        _lookedAt = now;
        var state = _state.Value;
        _held += state.State is RolloutState.Running ? passed : TimeSpan.Zero;
        var figures = _figures.At(state.Step);
        switch (RolloutMoves.Decide(state with { Held = _held }, Judge(), figures.New.Requests))
        {
            case Decision.Advance advance:
                await _state.WriteAsync(state with { Held = _held, Pending = new PendingPublish(NewId, state.Step + 1, RolloutState.Running, advance.Why, state.By) });
                await PublishAsync(_state.Value.Pending!);
                break;
            case Decision.GoBack back:
                _log.LogWarning("Rollout {Rollout} goes back: {Reason}", _name, back.Why);
                await _state.WriteAsync(RolloutMoves.GoBack(state with { Held = _held }, back.Why, RolloutState.RolledBack, state.By, Now, NewId));
                await TellAsync("rolling-back", state.By);
                await PublishAsync(_state.Value.Pending!);
                break;
            case Decision.Hold hold:
                await WriteAsync(state with { Held = _held, State = RolloutState.Paused }, new RolloutEvent(Now, "paused", hold.Why, state.Step, null, Author.System));
                break;
            case Decision.Complete complete:
                await WriteAsync(state with { Held = _held, State = RolloutState.Completed }, new RolloutEvent(Now, "completed", complete.Why, state.Step, null, state.By));
                break;
            default:
                if (_held - state.Held >= KeepEvery)
                {
                    await _state.WriteAsync(state with { Held = _held });
                }

                break;
        }
    }

    // A change of other things leaves it alone.
    private async Task<bool> IsOursAsync()
    {
        var state = _state.Value;
        var head = await _publish.HeadAsync();
        if (head.Revision != _seen)
        {
            if (!SplitPublish.IsOne(SplitBody.Read(await _publish.ReadAsync(state.Spec!)), state.Now))
            {
                await StopAsync(SplitPublish.Moved(state.Spec!), head.Revision);
                return false;
            }

            _seen = head.Revision;
        }

        return true;
    }

    private async Task PublishAsync(PendingPublish pending)
    {
        var state = _state.Value;
        switch (await _publish.PublishAsync(state, pending))
        {
            case SplitPublish.Published(var revision, var weights) when pending.Step == 0:
                await WriteAsync(state with { Pending = null, Now = weights, State = pending.Then }, new RolloutEvent(Now, RolloutMoves.Spell(pending.Then), pending.Why, state.Step, revision, pending.By));
                break;
            case SplitPublish.Published(var revision, var weights):
                var spec = state.Spec!;
                await Directory.WatchAsync(new WatchedSplit(_name, pending.Step, spec.Kind, spec.Resource, spec.From, spec.To));
                (_held, _lookedAt) = (TimeSpan.Zero, _time.GetTimestamp());
                await WriteAsync(
                    state with { Pending = null, Now = weights, State = pending.Then, Step = pending.Step, Held = TimeSpan.Zero },
                    new RolloutEvent(Now, "step", $"{RolloutMoves.Name(spec, pending.Step)}: {pending.Why}", pending.Step, revision, pending.By),
                    FormattableString.Invariant($"step-{pending.Step}"));
                break;
            case SplitPublish.Stopped(var why, var revision):
                await StopAsync(why, revision);
                break;
        }
    }

    private Task StopAsync(string why, long revision)
    {
        _log.LogWarning("Rollout {Rollout} stops where it is: {Reason}", _name, why);
        return WriteAsync(
            _state.Value with { Held = _held, Pending = null, State = RolloutState.Stopped }, new RolloutEvent(Now, "stopped", why, _state.Value.Step, revision, Author.System));
    }

    private async Task WriteAsync(StoredRollout next, RolloutEvent happened, string? told = null)
    {
        await _state.WriteAsync(next.Tell(happened));
        await TellAsync(told ?? happened.What, happened.By);
    }

    // For edges and people who watch: what they miss of it, they find in the directory and the status.
    private async Task TellAsync(string what, Author author)
    {
        try
        {
            if (_state.Value.HasEnded)
            {
                await Directory.EndAsync(_name, keep: true);
            }

            await GrainFactory.GetGrain<IChangeLogGrain>(_workspace).AppendAsync(new NewChange(ChangeKind.Rollout, $"{_name}/{what}", author));
        }
        catch (Exception e)
        {
            _log.LogWarning(e, "It could not be told of rollout {Rollout} that it is {What}.", _name, what);
        }
    }

    private ImmutableArray<GuardStanding> Judge()
    {
        var figures = _figures.At(_state.Value.Step);
        if (!ReferenceEquals(_judged.Of, figures))
        {
            _judged = (figures, Guards.Judge(_state.Value.Spec!, figures.Old, figures.New));
        }

        return _judged.Guards;
    }

    private RolloutStatus Status()
    {
        var state = _state.Value;
        var figures = _figures.At(state.Step);
        return new RolloutStatus(
            _name, state.Spec!, state.State, state.Step, state.Step == 0 ? null : state.Spec!.Steps[state.Step - 1].Share, state.HasEnded ? state.Held : _held, figures.Old, figures.New, Judge(), state.History, state.Before);
    }
}
