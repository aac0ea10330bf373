namespace Sluice.Edge.Identity;

/// <summary>Something that remembers whether it was used.</summary>
public interface IUsed
{
    /// <summary>Set at use, cleared by <see cref="SecondChance{T}"/>.</summary>
    bool IsUsed { get; set; }
}

/// <summary>The order in which a bounded cache lets go: oldest first, but what was used since its last turn gets another. Not safe for concurrent use.</summary>
public sealed class SecondChance<T>(int most)
    where T : class, IUsed
{
    private readonly Queue<T> _queue = new();

    /// <summary>How many are in the order, those that the cache has let go of by itself included.</summary>
    public int Count => _queue.Count;

    /// <summary>Enters one more; where that is one too many, the one to let go, or null where one that the cache no longer has made room.</summary>
    public T? Add(T item, Func<T, bool> isKept)
    {
        T? evicted = null;
        if (_queue.Count >= most)
        {
            evicted = MakeRoom(isKept);
        }

        _queue.Enqueue(item);
        return evicted;
    }

    private T? MakeRoom(Func<T, bool> isKept)
    {
        // One round clears every mark; marks that others set meanwhile must not keep this going.
        for (var turns = _queue.Count; ; turns--)
        {
            var oldest = _queue.Dequeue();
            if (!isKept(oldest))
            {
                return null;
            }

            if (!oldest.IsUsed || turns <= 0)
            {
                return oldest;
            }

            oldest.IsUsed = false;
            _queue.Enqueue(oldest);
        }
    }
}
