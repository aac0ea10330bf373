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
        IsEven = Array.TrueForAll(All, address => address.Weight == All[0].Weight);
    }

    /// <summary>Of what they were made.</summary>
    public FoundAddresses Found { get; }

    /// <summary>All of them.</summary>
    public UpstreamAddress[] All { get; }

    /// <summary>Whether each is worth the same.</summary>
    public bool IsEven { get; }

    /// <summary>Closes what nobody uses of connections to those who are not among others any more; what runs there ends by itself.</summary>
    public void LeaveFor(UpstreamMembers others)
    {
        foreach (var address in All.Except(others.All))
        {
            address.Direct?.CloseIdle();
        }
    }
}
