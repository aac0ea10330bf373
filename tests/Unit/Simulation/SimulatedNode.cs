namespace Sluice.Tests.Unit.Simulation;

/// <summary>
/// A process with a memory and two clocks of its own. The monotonic one drifts, and stands still while the machine is suspended; the wall clock jumps. What is
/// to happen on a node that is paused happens when it wakes; on one that was killed, never.
/// </summary>
/// <param name="simulator">The run.</param>
/// <param name="name">For traces.</param>
/// <param name="drift">How much faster than true time the monotonic clock runs, as a part of one.</param>
public sealed class SimulatedNode(Simulator simulator, string name, double drift)
{
    private TimeSpan _wakesAt;
    private TimeSpan _suspended;
    private TimeSpan _wallJump;

    public string Name => name;

    /// <summary>False once it was killed.</summary>
    public bool IsUp { get; private set; } = true;

    /// <summary>The monotonic clock.</summary>
    public TimeSpan Monotonic => (simulator.Now - _suspended) * (1 + drift);

    /// <summary>The wall clock.</summary>
    public TimeSpan Wall => simulator.Now + _wallJump;

    /// <summary>Its memory is gone, and whatever it waited for never comes.</summary>
    public void Kill() => IsUp = false;

    /// <summary>Stands still, as a process that was stopped.</summary>
    public void Pause(TimeSpan span) => _wakesAt = simulator.Now + span;

    /// <summary>Stands still together with its monotonic clock, as a machine that was suspended.</summary>
    public void Suspend(TimeSpan span)
    {
        Pause(span);
        _suspended += span;
    }

    /// <summary>Somebody sets the wall clock.</summary>
    public void JumpWall(TimeSpan by) => _wallJump += by;

    /// <summary>Does something on this node, as soon as it can.</summary>
    public void Do(Action action)
    {
        if (!IsUp)
        {
            return;
        }

        if (simulator.Now < _wakesAt)
        {
            simulator.After(_wakesAt - simulator.Now, action, this);
            return;
        }

        action();
    }

    /// <summary>Ends after a span of this node's monotonic clock.</summary>
    public Task DelayAsync(TimeSpan span)
    {
        var end = new TaskCompletionSource();
        After(span, end.SetResult);
        return end.Task;
    }

    /// <summary>Does something after a span of this node's monotonic clock.</summary>
    public void After(TimeSpan span, Action action) => simulator.After(span / (1 + drift), action, this);
}
