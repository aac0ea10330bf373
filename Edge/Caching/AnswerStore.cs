using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Caching;

/// <summary>
/// What one cache keeps on this edge: bounded in bytes, the longest unused goes first. Entries stand by what was asked for, then by for whom they are kept, so that one call forgets a
/// target for everybody. Safe for concurrent use; nothing is awaited under the lock.
/// </summary>
internal sealed class AnswerStore
{
    private const int MostVariants = 32;
    private const int MarkSize = 300;
    private static readonly TimeSpan PassFor = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Dictionary<KeptFor, Slot>> _targets = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _order = new();
    private long _size;
    private long _purges;

    /// <summary>The bytes that it takes, about.</summary>
    public long Size => Interlocked.Read(ref _size);

    /// <summary>How often something was purged: what was asked for before a purge is not kept after it.</summary>
    public long Purges => Interlocked.Read(ref _purges);

    /// <summary>Looks for the answer to a request.</summary>
    /// <param name="target">What is asked for.</param>
    /// <param name="whom">For whom.</param>
    /// <param name="request">The request's headers; null: answers do not differ by them.</param>
    /// <param name="now">The timestamp of now.</param>
    public Found Find(string target, in KeptFor whom, IHeaderDictionary? request, long now)
    {
        lock (_lock)
        {
            if (!_targets.TryGetValue(target, out var kept) || !kept.TryGetValue(whom, out var slot))
            {
                return default;
            }

            foreach (var node in slot.Entries)
            {
                if (node.Value.Answer is not { } answer)
                {
                    return node.Value.Until > now ? new Found(null, IsKnown: true, IsPassed: true) : default;
                }

                if (request is null || answer.Fits(request))
                {
                    _order.Remove(node);
                    _order.AddFirst(node);
                    return new Found(answer, IsKnown: true, IsPassed: false);
                }
            }

            return new Found(null, IsKnown: true, IsPassed: false);
        }
    }

    /// <summary>Keeps an answer in place of the one that answers the same requests.</summary>
    /// <param name="target">What was asked for.</param>
    /// <param name="whom">For whom.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="purges">What <see cref="Purges"/> was when it was asked for.</param>
    public void Put(string target, in KeptFor whom, StoredAnswer answer, long purges) => Add(new Entry(target, whom, answer, 0, answer.Size), purges);

    /// <summary>Remembers for two minutes that answers are not kept, so that requests for them need not wait for each other.</summary>
    public void Pass(string target, in KeptFor whom, TimeProvider time) => Pass(target, whom, time.GetTimestamp() + (long)(PassFor.TotalSeconds * time.TimestampFrequency));

    /// <summary>The same, until a timestamp.</summary>
    public void Pass(string target, in KeptFor whom, long until) => Add(new Entry(target, whom, null, until, MarkSize + target.Length), Purges);

    /// <summary>Forgets a target, for everybody.</summary>
    public void Forget(string target)
    {
        lock (_lock)
        {
            _purges++;
            if (_targets.TryGetValue(target, out var kept))
            {
                foreach (var node in kept.Values.SelectMany(slot => slot.Entries).ToList())
                {
                    Remove(node);
                }
            }
        }
    }

    /// <summary>Forgets what a purge names; null: all.</summary>
    public void Purge(CachePurge? purge)
    {
        lock (_lock)
        {
            _purges++;
            for (var node = _order.First; node is not null;)
            {
                var next = node.Next;
                if (purge is null || IsMeant(node.Value, purge))
                {
                    Remove(node);
                }

                node = next;
            }
        }
    }

    private static bool IsMeant(Entry entry, CachePurge purge) =>
        (purge.Tenant is null || string.Equals(entry.Answer?.Said?.Tenant ?? entry.Whom.Tenant, purge.Tenant, StringComparison.Ordinal))
        && (purge.Route is null || (entry.Whom.Served is RouteResource route && string.Equals(route.Name, purge.Route, StringComparison.Ordinal)))
        && (purge.Model is null || (entry.Whom.Served is ModelResource model && string.Equals(model.Name, purge.Model, StringComparison.Ordinal)))
        && (purge.Path is null || purge.MeansPath(AnswerTarget.PathOf(entry.Target)));

    private void Add(Entry entry, long purges)
    {
        lock (_lock)
        {
            var most = entry.Whom.Cache.Size;
            if (_purges != purges || entry.Size > most)
            {
                return;
            }

            var kept = CollectionsMarshal.GetValueRefOrAddDefault(_targets, entry.Target, out _) ??= [];
            var slot = CollectionsMarshal.GetValueRefOrAddDefault(kept, entry.Whom, out _) ??= new Slot();

            // Marks and answers never stand beside each other, nor two answers to the same requests.
            foreach (var node in slot.Entries.Where(node => node.Value.Answer is not { } other || entry.Answer is not { } answer || other.Vary.SequenceEqual(answer.Vary)).ToList())
            {
                Unlink(slot, node);
            }

            if (slot.Entries.Count >= MostVariants)
            {
                Unlink(slot, slot.Entries[0]);
            }

            slot.Entries.Add(_order.AddFirst(entry));
            _size += entry.Size;
            while (_size > most && _order.Last is { } last)
            {
                Remove(last);
            }
        }
    }

    private void Unlink(Slot slot, LinkedListNode<Entry> node)
    {
        slot.Entries.Remove(node);
        _order.Remove(node);
        _size -= node.Value.Size;
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        var kept = _targets[node.Value.Target];
        var slot = kept[node.Value.Whom];
        Unlink(slot, node);
        if (slot.Entries.Count == 0 && kept.Remove(node.Value.Whom) && kept.Count == 0)
        {
            _targets.Remove(node.Value.Target);
        }
    }

    private sealed record Entry(string Target, KeptFor Whom, StoredAnswer? Answer, long Until, long Size);

    private sealed class Slot
    {
        public List<LinkedListNode<Entry>> Entries { get; } = [];
    }
}

/// <summary>What was found for a request.</summary>
/// <param name="Answer">Null: none that answers it.</param>
/// <param name="IsKnown">Whether the target has been asked for.</param>
/// <param name="IsPassed">Whether its answers are known not to be kept.</param>
internal readonly record struct Found(StoredAnswer? Answer, bool IsKnown, bool IsPassed);
