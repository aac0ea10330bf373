using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams;

/// <summary>Chooses one of an upstream's addresses. Unhealthy ones are passed over; where none is healthy, all are tried: a probe that is wrong must not take a service down.</summary>
internal sealed class AddressChoice(UpstreamHealth health)
{
    private readonly ConcurrentDictionary<string, StrongBox<int>> _turns = new(StringComparer.Ordinal);

    /// <summary>The address for one request, and its state, on which the request is to be counted.</summary>
    public (Uri Address, AddressState State) Choose(UpstreamResource upstream)
    {
        var addresses = upstream.Addresses;
        if (addresses.Length == 1)
        {
            return (addresses[0], health.Of(upstream, addresses[0]));
        }

        // Two walks over a handful of addresses need no memory of their own.
        var healthy = 0;
        foreach (var address in addresses)
        {
            healthy += health.Of(upstream, address).Healthy ? 1 : 0;
        }

        var among = new Candidates(upstream, health, healthy);
        return upstream.LoadBalancing switch
        {
            LoadBalancing.RoundRobin => among[(int)((uint)Turn(upstream.Name) % among.Count)],
            LoadBalancing.LeastRequests => Least(among),
            LoadBalancing.Random => Any(among),
            _ => Lesser(Any(among), Any(among)),
        };
    }

    private static (Uri Address, AddressState State) Any(in Candidates among) => among[(int)(Chance.Next() * among.Count)];

    private static (Uri Address, AddressState State) Least(in Candidates among)
    {
        var least = among[0];
        for (var i = 1; i < among.Count; i++)
        {
            least = Lesser(least, among[i]);
        }

        return least;
    }

    private static (Uri Address, AddressState State) Lesser((Uri Address, AddressState State) a, (Uri Address, AddressState State) b) =>
        Volatile.Read(ref a.State.InFlight) <= Volatile.Read(ref b.State.InFlight) ? a : b;

    private int Turn(string upstream) => Interlocked.Increment(ref _turns.GetOrAdd(upstream, static _ => new StrongBox<int>()).Value);

    /// <summary>The addresses among which is chosen: the healthy ones, or all.</summary>
    private readonly struct Candidates(UpstreamResource upstream, UpstreamHealth health, int healthy)
    {
        public int Count => healthy > 0 ? healthy : upstream.Addresses.Length;

        // One that has just fallen ill may be chosen still: the last then stands in for what the walk no longer finds.
        public (Uri Address, AddressState State) this[int index]
        {
            get
            {
                var last = (upstream.Addresses[0], health.Of(upstream, upstream.Addresses[0]));
                foreach (var address in upstream.Addresses)
                {
                    var state = health.Of(upstream, address);
                    if (healthy > 0 && !state.Healthy)
                    {
                        continue;
                    }

                    last = (address, state);
                    if (index-- == 0)
                    {
                        break;
                    }
                }

                return last;
            }
        }
    }
}
