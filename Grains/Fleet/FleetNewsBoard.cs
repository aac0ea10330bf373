using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Grains.Fleet;

/// <summary>
/// What edges are to hear of, for those who listen by a call that is held open, and the waits that end when something happened. News only makes edges quick: who
/// misses it learns the same with the next renewal. For use within one grain's turns.
/// </summary>
internal sealed class FleetNewsBoard(TimeProvider time)
{
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, long> _listeners = new(StringComparer.Ordinal);
    private TaskCompletionSource _next = NewSource();

    /// <summary>What there is to hear.</summary>
    public FleetNews News { get; private set; } = FleetNews.None;

    /// <summary>There are news.</summary>
    public void Post(FleetNews news)
    {
        if (news != News)
        {
            News = news;
            Wake();
        }
    }

    /// <summary>Something happened that a wait may be for.</summary>
    public void Wake()
    {
        var woken = _next;
        _next = NewSource();
        woken.SetResult();
    }

    /// <summary>The news as soon as they differ from what was seen; after a second the same ones again.</summary>
    public async Task<FleetNews> NextAsync(string edge, FleetNews seen)
    {
        _listeners[edge] = time.GetTimestamp();
        await UntilAsync(() => News != seen, Hold);
        _listeners[edge] = time.GetTimestamp();
        return News;
    }

    /// <summary>The edges that listen, or did not long before.</summary>
    public ImmutableArray<string> Listeners(TimeSpan pause)
    {
        foreach (var (edge, at) in _listeners.ToArray())
        {
            if (time.GetElapsedTime(at) > Hold + pause)
            {
                _listeners.Remove(edge);
            }
        }

        return [.. _listeners.Keys];
    }

    /// <summary>Ends when something holds, at the latest after a time.</summary>
    public async Task UntilAsync(Func<bool> holds, TimeSpan bound)
    {
        var start = time.GetTimestamp();
        while (!holds() && bound - time.GetElapsedTime(start) is { Ticks: > 0 } rest)
        {
            await ((Task)_next.Task.WaitAsync(rest, time)).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
