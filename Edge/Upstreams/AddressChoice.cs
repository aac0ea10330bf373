using System.Runtime.CompilerServices;
using Sluice.Edge.Upstreams.Http1;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams;

/// <summary>Chooses one of an upstream's addresses. Unhealthy ones are passed over; where none is healthy, all are tried: a probe that is wrong must not take a service down.</summary>
internal sealed class AddressChoice(UpstreamHealth health, Connections connections)
{
    private readonly ConditionalWeakTable<UpstreamResource, Turns> _known = [];

    /// <summary>The address for one request, on which it is to be counted.</summary>
    public UpstreamAddress Choose(UpstreamResource upstream)
    {
        var turns = _known.TryGetValue(upstream, out var known) ? known : _known.GetValue(upstream, Create);
        var all = turns.Addresses;
        if (all.Length == 1)
        {
            return all[0];
        }

        var healthy = 0;
        foreach (var address in all)
        {
            healthy += address.State.Healthy ? 1 : 0;
        }

        var among = new Candidates(all, healthy);
        return upstream.LoadBalancing switch
        {
            LoadBalancing.RoundRobin => among[(int)(turns.Next() % among.Count)],
            LoadBalancing.LeastRequests => Least(among),
            LoadBalancing.Random => Any(among),
            _ => Lesser(Any(among), Any(among)),
        };
    }

    private static UpstreamAddress Any(in Candidates among) => among[(int)(Chance.Next() * among.Count)];

    private static UpstreamAddress Least(in Candidates among)
    {
        var least = among[0];
        for (var i = 1; i < among.Count; i++)
        {
            least = Lesser(least, among[i]);
        }

        return least;
    }

    private static UpstreamAddress Lesser(UpstreamAddress a, UpstreamAddress b) => Volatile.Read(ref a.State.InFlight) <= Volatile.Read(ref b.State.InFlight) ? a : b;

    private Turns Create(UpstreamResource upstream) => new(
    [
        .. upstream.Addresses.Select(address => new UpstreamAddress(
            address, health.Of(upstream, address), upstream.Protocol is UpstreamProtocol.Http1 ? connections.DirectTo(address, upstream.Timeouts.Connect) : null)),
    ]);

    /// <summary>The addresses of one upstream, and whose turn it is: a count of its own, lest two upstreams that are asked by turns each stay at one address.</summary>
    private sealed class Turns(UpstreamAddress[] addresses)
    {
        private int _last;

        public UpstreamAddress[] Addresses => addresses;

        public uint Next() => (uint)Interlocked.Increment(ref _last);
    }

    /// <summary>The addresses among which is chosen: the healthy ones, or all.</summary>
    private readonly struct Candidates(UpstreamAddress[] all, int healthy)
    {
        public int Count => healthy > 0 ? healthy : all.Length;

        // One may have fallen ill since they were counted: the last one found then stands in for it.
        public UpstreamAddress this[int index]
        {
            get
            {
                var found = all[0];
                foreach (var address in all)
                {
                    if (healthy > 0 && !address.State.Healthy)
                    {
                        continue;
                    }

                    found = address;
                    if (index-- == 0)
                    {
                        break;
                    }
                }

                return found;
            }
        }
    }
}

/// <summary>One address of an upstream, with what is known of it.</summary>
/// <param name="address">As declared.</param>
/// <param name="state">Its health and load.</param>
/// <param name="direct">Its connections where they need neither TLS nor HTTP/2; null for others.</param>
internal sealed class UpstreamAddress(Uri address, AddressState state, Http1Pool? direct)
{
    /// <summary>The address as text.</summary>
    public string Text { get; } = address.AbsoluteUri;

    /// <summary>The path that precedes that of each request, without a slash at its end.</summary>
    public string PathStart { get; } = address.AbsolutePath.TrimEnd('/');

    /// <summary>Its health and load.</summary>
    public AddressState State => state;

    /// <summary>Its connections where they need neither TLS nor HTTP/2; null for others.</summary>
    public Http1Pool? Direct => direct;
}
