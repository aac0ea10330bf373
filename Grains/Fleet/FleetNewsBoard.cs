using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
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
    private TaskCompletionSource _posted = NewSource();
    private long _candidates;
    private TaskCompletionSource _next = NewSource();

    /// <summary>What there is to hear.</summary>
    public FleetNews News { get; private set; } = FleetNews.None;

    /// <summary>There are news.</summary>
    public void Post(FleetNews news)
    {
        if (news.Hold is { } hold && HeadOrder.HasReached(news.Head, hold))
        {
            news = news with { Hold = null };
        }

        if (news != News)
        {
            _candidates += news.Candidate is not null && news.Candidate != News.Candidate ? 1 : 0;
            News = news;
            (var woken, _posted) = (_posted, NewSource());
            woken.SetResult();
            Wake();
        }
    }

    /// <summary>Something happened that a wait may be for. Those who listen for news are left alone: with many edges that would be a wake for each pair of them.</summary>
    public void Wake()
    {
        (var woken, _next) = (_next, NewSource());
        woken.SetResult();
    }

    /// <summary>
    /// The news as soon as there is more in them than was seen; after a second the same ones again. That a candidate is gone is no news, that it is there again is.
    /// </summary>
    public async Task<FleetNews> NextAsync(string edge, FleetNews seen)
    {
        _listeners[edge] = time.GetTimestamp();
        var candidates = _candidates;
        await UntilAsync(() => candidates != _candidates || News with { Candidate = News.Candidate ?? seen.Candidate } != seen, Hold, () => _posted.Task);
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
    public Task UntilAsync(Func<bool> holds, TimeSpan bound) => UntilAsync(holds, bound, () => _next.Task);

    private async Task UntilAsync(Func<bool> holds, TimeSpan bound, Func<Task> next)
    {
        var start = time.GetTimestamp();
        while (!holds() && bound - time.GetElapsedTime(start) is { Ticks: > 0 } rest)
        {
            await next().WaitAsync(rest, time).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
