using System.Collections.Concurrent;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams;

/// <summary>Chooses one of an upstream's addresses. Unhealthy ones are passed over; where none is healthy, all are tried: a probe that is wrong must not take a service down.</summary>
internal sealed class AddressChoice(UpstreamHealth health)
{
    private readonly ConcurrentDictionary<string, StrongBox> _turns = new(StringComparer.Ordinal);

    /// <summary>The address for one request, and its state, on which the request is to be counted.</summary>
    public (Uri Address, AddressState State) Choose(UpstreamResource upstream)
    {
        var addresses = upstream.Addresses;
        if (addresses.Length == 1)
        {
            return (addresses[0], health.Of(upstream, addresses[0]));
        }

        var all = addresses.Select(a => (Address: a, State: health.Of(upstream, a))).ToArray();
        var healthy = Array.FindAll(all, c => c.State.Healthy);
        var candidates = healthy.Length > 0 ? healthy : all;
        return upstream.LoadBalancing switch
        {
            LoadBalancing.RoundRobin => candidates[(int)((uint)Turn(upstream.Name) % candidates.Length)],
            LoadBalancing.LeastRequests => candidates.MinBy(c => Volatile.Read(ref c.State.InFlight)),
            LoadBalancing.Random => Any(candidates),
            _ => Lesser(Any(candidates), Any(candidates)),
        };
    }

    private static (Uri Address, AddressState State) Any((Uri Address, AddressState State)[] candidates) => candidates[(int)(Chance.Next() * candidates.Length)];

    private static (Uri Address, AddressState State) Lesser((Uri Address, AddressState State) a, (Uri Address, AddressState State) b) =>
        Volatile.Read(ref a.State.InFlight) <= Volatile.Read(ref b.State.InFlight) ? a : b;

    private int Turn(string upstream) => Interlocked.Increment(ref _turns.GetOrAdd(upstream, static _ => new StrongBox()).Value);

    private sealed class StrongBox
    {
        public int Value;
    }
}
