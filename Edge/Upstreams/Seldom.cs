using System.Collections.Concurrent;

namespace Sluice.Edge.Upstreams;

/// <summary>Says of what happens often whether it is to be told again: of each thing once in a while. Safe for concurrent use.</summary>
/// <typeparam name="T">What it is told of: something that is declared, so that there are not many.</typeparam>
internal sealed class Seldom<T>(TimeProvider time, TimeSpan every)
    where T : notnull
{
    private readonly ConcurrentDictionary<T, long> _told = new();

    /// <summary>Whether it is to be told now; of those who ask at once one is told so.</summary>
    public bool IsDue(T what)
    {
        var now = time.GetTimestamp();
        return _told.TryAdd(what, now) || (_told.TryGetValue(what, out var last) && time.GetElapsedTime(last, now) >= every && _told.TryUpdate(what, now, last));
    }
}
