namespace Sluice.Tests.Chaos.Reload;

/// <summary>A right that is given and taken by one operator after another: a key, or all keys of a tenant. Times are those of <see cref="Call"/>.</summary>
/// <param name="name">For people.</param>
/// <param name="key">The client's key.</param>
internal sealed class Right(string name, string key)
{
    private readonly Lock _gate = new();
    private readonly List<(bool Given, long Started, long? Returned)> _changes = [];

    /// <summary>What clients send.</summary>
    public string Key => key;

    /// <summary>Whether the last call took it.</summary>
    public bool IsTakenNow
    {
        get
        {
            lock (_gate)
            {
                return _changes is [.., { Given: false }];
            }
        }
    }

    /// <summary>It is given or taken: the call begins.</summary>
    public void Begin(bool given)
    {
        lock (_gate)
        {
            _changes.Add((given, TimeProvider.System.GetTimestamp(), null));
        }
    }

    /// <summary>The call returned. One that did not may come into force at any time.</summary>
    public void Return()
    {
        lock (_gate)
        {
            _changes[^1] = _changes[^1] with { Returned = TimeProvider.System.GetTimestamp() };
        }
    }

    /// <summary>Whether it was certainly taken away during all of a request.</summary>
    public bool WasTaken(long sent, long ended) => Was(given: false, sent, ended);

    /// <summary>Whether it was certainly there during all of a request.</summary>
    public bool WasThere(long sent, long ended) => Was(given: true, sent, ended);

    public override string ToString() => name;

    // The last change of this kind that returned before the request was sent, with no other kind begun since, nor one before whose outcome nobody knows.
    private bool Was(bool given, long sent, long ended)
    {
        lock (_gate)
        {
            var last = _changes.FindLastIndex(c => c.Given == given && c.Returned < sent);
            return last >= 0 && !_changes.Where((c, i) => c.Given != given && c.Started < ended && (i > last || c.Returned is null)).Any();
        }
    }
}
