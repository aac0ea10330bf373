namespace Sluice.Edge.Identity;

/// <summary>Keys that stand for nobody, remembered a short while so that they do not ask again at once. Bounded: the oldest make room. Not safe for concurrent use.</summary>
public sealed class RefusedKeys(int most)
{
    private readonly Dictionary<KeyDigest, long> _until = [];
    private readonly Queue<KeyDigest> _order = new();

    /// <summary>How many are remembered.</summary>
    public int Count => _until.Count;

    /// <summary>Remembers a key up to a timestamp.</summary>
    public void Add(KeyDigest key, long until)
    {
        if (_until.TryAdd(key, until))
        {
            _order.Enqueue(key);
            if (_order.Count > most)
            {
                _until.Remove(_order.Dequeue());
            }
        }
        else
        {
            _until[key] = until;
        }
    }

    /// <summary>Whether the key was refused and the time is not over.</summary>
    public bool Contains(KeyDigest key, long now) => _until.TryGetValue(key, out var until) && now < until;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _until.Clear();
        _order.Clear();
    }
}
