using System.Threading.RateLimiting;
using Sluice.Edge.Upstreams.Discovery;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams;

/// <summary>The addresses of one upstream as a revision declares it, and what bounds the requests to them. A revision that leaves the upstream as it is leaves this too.</summary>
internal sealed class UpstreamSet
{
    private const int MostOnStack = 256;

    private readonly UpstreamResource _upstream;
    private readonly UpstreamHealth _health;
    private readonly Connections _connections;
    private readonly AddressFeed? _feed;
    private readonly Lock _gate = new();
    private UpstreamMembers _members;
    private int _turn;

    public UpstreamSet(UpstreamResource upstream, UpstreamHealth health, Connections connections, Discoveries discoveries)
    {
        (_upstream, _health, _connections) = (upstream, health, connections);
        _feed = upstream.Discovery is null ? null : discoveries.Of(upstream);
        _members = new UpstreamMembers(upstream, _feed?.Current ?? FoundAddresses.Declared(upstream), null, health, connections);
        Budget = upstream.Retry is null ? null : new RetryBudget();
        Room = upstream.Circuit?.MaxRequests is not { } most ? null : new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = most,
            QueueLimit = upstream.Circuit.MaxPending,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    /// <summary>How many requests may be sent again; null: none.</summary>
    public RetryBudget? Budget { get; }

    /// <summary>How many requests may be under way; null: not bounded.</summary>
    public ConcurrencyLimiter? Room { get; }

    /// <summary>Whether requests may wait for room.</summary>
    public bool MayWait => _upstream.Circuit?.MaxPending > 0;

    /// <summary>The time, as the rules count it.</summary>
    public TimeSpan Now => _health.Now;

    /// <summary>Not null: its addresses are looked for, and nothing is known of them yet.</summary>
    public AddressFeed? Awaited => _feed is { HasBegun: false } feed ? feed : null;

    /// <summary>Whether there is no address at all.</summary>
    public bool IsEmpty => Members.All.Length == 0;

    private UpstreamMembers Members => Volatile.Read(ref _members) is var members && (_feed is null || ReferenceEquals(_feed.Current, members.Found)) ? members : Renew();

    /// <summary>The address for one request that nothing guards, on which it is to be counted; null: there is none.</summary>
    /// <param name="point">Where the request lies on the ring, of an upstream that hashes.</param>
    public UpstreamAddress? Choose(ulong point)
    {
        var members = Members;
        return !members.IsEven ? ChooseOpen(members, point, []) : members.All.Length > 0 ? EvenChoice.Choose(_upstream.LoadBalancing, members.All, ref _turn) : null;
    }

    /// <summary>The address for one attempt, with a place among its connections, which is to be given back; null: each has as many as it may have.</summary>
    /// <param name="point">Where the request lies on the ring, of an upstream that hashes.</param>
    /// <param name="tried">Those that are chosen only where there is no other.</param>
    public UpstreamAddress? Hold(ulong point, IReadOnlyCollection<UpstreamAddress> tried)
    {
        var most = _upstream.Circuit?.MaxConnections ?? int.MaxValue;
        var members = Members;
        for (var i = 0; i <= members.All.Length; i++)
        {
            if (ChooseOpen(members, point, tried) is not { } address)
            {
                return null;
            }

            if (Interlocked.Increment(ref address.State.Held) <= most)
            {
                return address;
            }

            // Another took the last place meanwhile.
            Release(address);
        }

        return null;
    }

    /// <summary>Gives a place back.</summary>
    public static void Release(UpstreamAddress address) => Interlocked.Decrement(ref address.State.Held);

    /// <summary>An attempt at an address answered.</summary>
    public void Succeeded(UpstreamAddress address)
    {
        if (_upstream.Ejection is { } policy)
        {
            address.State.Ejection.Succeeded(Now, policy);
        }
    }

    /// <summary>An attempt at an address failed; true: it is ejected.</summary>
    public bool Failed(UpstreamAddress address)
    {
        if (_upstream.Ejection is not { } policy || !address.State.Ejection.Failed(Now, policy))
        {
            return false;
        }

        // One at a time, lest two of them see room for one.
        lock (_gate)
        {
            var (now, all) = (Now, Members.All);
            var ejected = all.Count(a => a.State.Ejection.IsEjected(now));
            if (address.State.Ejection.IsEjected(now) || ejected >= AddressEjection.MostOf(all.Length, policy))
            {
                return false;
            }

            address.State.Ejection.Eject(now, policy);
            return true;
        }
    }

    private UpstreamMembers Renew()
    {
        lock (_gate)
        {
            if (_feed!.Current is var found && !ReferenceEquals(found, _members.Found))
            {
                var before = _members;
                Volatile.Write(ref _members, new UpstreamMembers(_upstream, found, before, _health, _connections));
                before.LeaveFor(_members);
            }

            return _members;
        }
    }

    private UpstreamAddress? ChooseOpen(UpstreamMembers members, ulong point, IReadOnlyCollection<UpstreamAddress> tried)
    {
        var all = members.All;
        var isOpen = all.Length <= MostOnStack ? stackalloc bool[all.Length] : new bool[all.Length];
        var loads = all.Length <= MostOnStack ? stackalloc int[all.Length] : new int[all.Length];
        Look(all, isOpen, loads);
        var isOther = false;
        for (var i = 0; i < all.Length && tried.Count > 0; i++)
        {
            isOther |= isOpen[i] && !tried.Contains(all[i]);
        }

        for (var i = 0; i < all.Length && isOther; i++)
        {
            isOpen[i] &= !tried.Contains(all[i]);
        }

        var turn = (uint)Interlocked.Increment(ref _turn);
        var index = members.IsEven ? OpenChoice.Choose(_upstream.LoadBalancing, isOpen, loads, turn, Chance.Next(), Chance.Next())
            : members.Ring is { } ring ? ring.Find(point, isOpen)
            : ChooseWeighed(all, isOpen, loads, turn);
        return index < 0 ? null : all[index];
    }

    private int ChooseWeighed(UpstreamAddress[] all, ReadOnlySpan<bool> isOpen, ReadOnlySpan<int> loads, uint turn)
    {
        var weights = all.Length <= MostOnStack ? stackalloc double[all.Length] : new double[all.Length];
        var now = _upstream.SlowStart is null ? default : Now;
        for (var i = 0; i < all.Length; i++)
        {
            weights[i] = isOpen[i] ? all[i].Weight * PartOf(all[i].State, now) : 0;
        }

        return WeighedChoice.Choose(_upstream.LoadBalancing, weights, loads, turn, Chance.Next(), Chance.Next());
    }

    private double PartOf(AddressState state, TimeSpan now)
    {
        if (_upstream.SlowStart is not { } over)
        {
            return 1;
        }

        var (came, ejected) = (state.WellSince, state.Ejection.Until);
        return SlowStart.PartAt(now - (ejected > came ? ejected : came), over);
    }

    // Where too few are well, all are open: those would otherwise bear alone what all were made for.
    private void Look(UpstreamAddress[] all, Span<bool> isOpen, Span<int> loads)
    {
        var (now, well) = (Now, 0);
        for (var i = 0; i < isOpen.Length; i++)
        {
            var state = all[i].State;
            isOpen[i] = state.Healthy && !(_upstream.Ejection is not null && state.Ejection.IsEjected(now));
            well += isOpen[i] ? 1 : 0;
            loads[i] = Volatile.Read(ref state.InFlight);
        }

        var isPanic = well == 0 || well * 100 < isOpen.Length * (_upstream.Ejection?.Panic ?? 0);
        for (var i = 0; i < isOpen.Length; i++)
        {
            isOpen[i] = (isOpen[i] || isPanic) && !(_upstream.Circuit?.MaxConnections is { } most && Volatile.Read(ref all[i].State.Held) >= most);
        }
    }
}
