using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams;

/// <summary>Chooses among addresses that are worth the same. Unhealthy ones are passed over; where none is healthy, all are tried: a probe that is wrong must not take a service down.</summary>
internal static class EvenChoice
{
    /// <summary>One of them.</summary>
    /// <param name="how">How.</param>
    /// <param name="all">At least one.</param>
    /// <param name="turn">Whose turn it is: the count of the upstream's own, lest two upstreams that are asked by turns each stay at one address.</param>
    public static UpstreamAddress Choose(LoadBalancing how, UpstreamAddress[] all, ref int turn)
    {
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
        return how switch
        {
            LoadBalancing.RoundRobin => among[(int)((uint)Interlocked.Increment(ref turn) % among.Count)],
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
