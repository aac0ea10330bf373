using Sluice.Edge.Upstreams.Discovery;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams;

/// <summary>The addresses of an upstream at a time. Another one takes its place where they change; who holds this one ends what he does with it.</summary>
internal sealed class UpstreamMembers
{
    /// <summary>Makes them; of those before is kept what is the same.</summary>
    public UpstreamMembers(UpstreamResource upstream, FoundAddresses found, UpstreamMembers? before, UpstreamHealth health, Connections connections)
    {
        Found = found;
        var known = (before?.All ?? []).ToDictionary(address => address.Found);
        All = [.. found.All.Select(f => known.GetValueOrDefault(f) ?? new UpstreamAddress(
            f,
            health.Of(upstream, f.Address),
            upstream.Protocol is UpstreamProtocol.Http1 ? connections.DirectTo(f.Address, upstream.Timeouts.Connect) : null))];
        IsEven = upstream.SlowStart is null && upstream.Hash is null && Array.TrueForAll(All, address => address.Weight == All[0].Weight);
        Ring = upstream.Hash is null || All.Length == 0 ? null : new HashRing([.. All.Select(a => a.Text)], [.. All.Select(a => a.Weight)]);
    }

    /// <summary>Of what they were made.</summary>
    public FoundAddresses Found { get; }

    /// <summary>All of them.</summary>
    public UpstreamAddress[] All { get; }

    /// <summary>Whether each is worth the same to each request.</summary>
    public bool IsEven { get; }

    /// <summary>Where what is hashed belongs; null: nothing is.</summary>
    public HashRing? Ring { get; }

    /// <summary>Closes what nobody uses of connections to those who are not among others any more; what runs there ends by itself.</summary>
    public void LeaveFor(UpstreamMembers others)
    {
        foreach (var address in All.Except(others.All))
        {
            address.Direct?.CloseIdle();
        }
    }
}
