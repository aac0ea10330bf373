using System.Collections.Concurrent;

namespace Sluice.Tests.Chaos.Network;

/// <summary>
/// The network between processes that each have a name: which bytes pass from whom to whom. Names of processes that reach others and of those that are reached
/// are the same, so a fault between two silos holds for what either of them began.
/// </summary>
internal sealed class FaultyNetwork : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string From, string To), Flow> _flows = new();
    private readonly Dictionary<(string From, string To), HashSet<Link>> _links = [];
    private readonly HashSet<(string From, string To)> _cut = [];
    private readonly Lock _gate = new();
    private readonly List<ProxiedPort> _ports = [];

    /// <summary>Who is who.</summary>
    public SocketOwners Owners { get; } = new();

    /// <summary>A port before one of a process.</summary>
    /// <returns>The port to advertise.</returns>
    public int Listen(string owner, int target)
    {
        var port = ProxiedPort.Start(this, owner, target);
        _ports.Add(port);
        return port.Port;
    }

    /// <summary>What passes from one to another.</summary>
    public Flow Between(string from, string to) => _flows.GetOrAdd((from, to), static _ => new Flow());

    /// <summary>Every connection between two is reset, and so is every new one.</summary>
    public void Cut(string one, string other)
    {
        lock (_gate)
        {
            _cut.Add((one, other));
            _cut.Add((other, one));
        }

        Reset(one, other);
    }

    /// <summary>Every connection between two is reset; new ones are not.</summary>
    public void Reset(string one, string other)
    {
        Link[] links;
        lock (_gate)
        {
            links = [.. Links(one, other), .. Links(other, one)];
        }

        foreach (var link in links)
        {
            link.Reset();
        }
    }

    /// <summary>Nothing passes from one to another, though connections stay and new ones are taken.</summary>
    public void Hold(string from, string to) => Between(from, to).Hold();

    /// <summary>All is well again between two.</summary>
    public void Heal(string one, string other)
    {
        lock (_gate)
        {
            _cut.Remove((one, other));
            _cut.Remove((other, one));
        }

        Between(one, other).Heal();
        Between(other, one).Heal();
    }

    /// <summary>A connection was made; false where the two are cut off from each other.</summary>
    public bool TryEnter(string from, string to, Link link)
    {
        lock (_gate)
        {
            return !_cut.Contains((from, to)) && Links(from, to).Add(link);
        }
    }

    /// <summary>It has ended.</summary>
    public void Leave(string from, string to, Link link)
    {
        lock (_gate)
        {
            Links(from, to).Remove(link);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var flow in _flows.Values)
        {
            flow.Heal();
        }

        await Task.WhenAll(_ports.Select(port => port.DisposeAsync().AsTask()));
    }

    // Under the gate.
    private HashSet<Link> Links(string from, string to) => _links.TryGetValue((from, to), out var links) ? links : _links[(from, to)] = [];
}
