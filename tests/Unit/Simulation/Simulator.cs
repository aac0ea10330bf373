using System.Globalization;
using System.Runtime.ExceptionServices;

namespace Sluice.Tests.Unit.Simulation;

/// <summary>
/// One thread and a virtual time. What happens at one moment happens in an order that the seed decides. Flows are ordinary async methods: whatever they await is
/// completed by an event of the queue, so that they run on this thread alone and one seed is one run. No task may be awaited twice: the runtime would continue the
/// second on another thread.
/// </summary>
public sealed class Simulator(ulong seed)
{
    private readonly PriorityQueue<(Action Action, SimulatedNode? On), (long At, ulong Tie)> _queue = new();
    private Exception? _failure;

    /// <summary>The run's seed.</summary>
    public ulong Seed => seed;

    /// <summary>Chance, decided by the seed.</summary>
    public SeededRandom Random { get; } = new(seed);

    /// <summary>Virtual time since the start: the true time, which no node sees.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>A hash over all that happened, in its order.</summary>
    public ulong Trace { get; private set; } = 14695981039346656037;

    /// <summary>How many events happened.</summary>
    public int Steps { get; private set; }

    /// <summary>Does something after a span of true time; on a node as soon as that can, and never where it was killed.</summary>
    public void After(TimeSpan span, Action action, SimulatedNode? on = null) => _queue.Enqueue((action, on), ((Now + (span > TimeSpan.Zero ? span : TimeSpan.Zero)).Ticks, Random.Next()));

    /// <summary>Ends after a span of true time.</summary>
    public Task DelayAsync(TimeSpan span)
    {
        var end = new TaskCompletionSource();
        After(span, end.SetResult);
        return end.Task;
    }

    /// <summary>Starts a flow; where it fails, the run fails.</summary>
    public void Start(Func<Task> flow) => WithoutContext(() =>
    {
        var running = flow();
        if (running.IsCompleted)
        {
            Follow(running);
        }
        else
        {
            running.GetAwaiter().UnsafeOnCompleted(() => Follow(running));
        }
    });

    /// <summary>Where what happened is told line by line; null: only its hash is kept.</summary>
    public Action<string>? Log { get; set; }

    /// <summary>Enters something that happened into the trace.</summary>
    public void Note(string what, string who, long value)
    {
        Mix((ulong)Now.Ticks);
        Mix((ulong)value);
        foreach (var letter in what)
        {
            Mix(letter);
        }

        foreach (var letter in who)
        {
            Mix(letter);
        }

        Log?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{Now.TotalMilliseconds,12:0.000} ms  {what} {who} {value}"));
    }

    /// <summary>Runs what happens before a moment of true time.</summary>
    public void RunTo(TimeSpan end) => WithoutContext(() =>
    {
        while (_queue.TryPeek(out _, out var next) && next.At <= end.Ticks)
        {
            var (action, on) = _queue.Dequeue();
            Now = TimeSpan.FromTicks(next.At);
            Steps++;
            if (on is null)
            {
                action();
            }
            else
            {
                on.Do(action);
            }

            if (_failure is { } failure)
            {
                ExceptionDispatchInfo.Throw(failure);
            }
        }

        Now = end;
    });

    private void Follow(Task ended)
    {
        if (!ended.IsCompletedSuccessfully)
        {
            _failure ??= ended.Exception?.InnerException ?? new TaskCanceledException(ended);
        }
    }

    // What the test's own context carries along is of no use to flows, and costs each of their steps a switch.
    private static void WithoutContext(Action action)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            action();
            return;
        }

        using (ExecutionContext.SuppressFlow())
        {
            action();
        }
    }

    // FNV-1a.
    private void Mix(ulong value) => Trace = (Trace ^ value) * 1099511628211;
}
