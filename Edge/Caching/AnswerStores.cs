using System.Collections.Concurrent;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Caching;

/// <summary>What this edge keeps, by the names of declared caches.</summary>
public sealed class AnswerStores
{
    private const int MostRemembered = 256;

    private readonly ConcurrentDictionary<string, NamedCache> _caches = new(StringComparer.Ordinal);
    private readonly Queue<long> _done = new();

    /// <summary>All that were used.</summary>
    internal IEnumerable<NamedCache> All => _caches.Values;

    /// <summary>The one of a declaration.</summary>
    internal NamedCache Of(CacheResource cache) => _caches.TryGetValue(cache.Name, out var known) ? known : _caches.GetOrAdd(cache.Name, static name => new NamedCache(name));

    /// <summary>Forgets what a purge names, once: changes may be told twice. For one caller at a time.</summary>
    /// <param name="change">The number of the change.</param>
    /// <param name="purge">What it names.</param>
    public void Purge(long change, CachePurge purge)
    {
        if (_done.Contains(change))
        {
            return;
        }

        if (_done.Count == MostRemembered)
        {
            _done.Dequeue();
        }

        _done.Enqueue(change);
        if (_caches.TryGetValue(purge.Cache, out var cache))
        {
            cache.Answers.Purge(purge);
        }
    }

    /// <summary>Forgets all: a purge may have been missed.</summary>
    public void ForgetAll()
    {
        foreach (var cache in _caches.Values)
        {
            cache.Answers.Purge(null);
        }
    }

    /// <summary>Lets go of what no declaration keeps any more.</summary>
    /// <param name="isDeclared">Whether a cache of a name is declared.</param>
    public void Trim(Func<string, bool> isDeclared)
    {
        foreach (var name in _caches.Keys.Where(name => !isDeclared(name)))
        {
            _caches.TryRemove(name, out _);
        }
    }
}
