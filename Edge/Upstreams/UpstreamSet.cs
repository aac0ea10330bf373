using System.Threading.RateLimiting;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams;

/// <summary>The addresses of one upstream as a revision declares it, and what bounds the requests to them. A revision that leaves the upstream as it is leaves this too.</summary>
internal sealed class UpstreamSet
{
    private const int MostOnStack = 256;

    private readonly UpstreamResource _upstream;
    private readonly UpstreamHealth _health;
    private readonly UpstreamAddress[] _addresses;
    private readonly Lock _ejecting = new();
    private int _turn;

    public UpstreamSet(UpstreamResource upstream, UpstreamHealth health, Connections connections)
    {
        (_upstream, _health) = (upstream, health);
        _addresses =
        [
            .. upstream.Addresses.Select(address => new UpstreamAddress(
                address, health.Of(upstream, address), upstream.Protocol is UpstreamProtocol.Http1 ? connections.DirectTo(address, upstream.Timeouts.Connect) : null)),
        ];
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

    /// <summary>The address for one request that nothing guards, on which it is to be counted.</summary>
    public UpstreamAddress Choose() => EvenChoice.Choose(_upstream.LoadBalancing, _addresses, ref _turn);

    /// <summary>The address for one attempt, with a place among its connections, which is to be given back; null: each has as many as it may have.</summary>
    /// <param name="tried">Those that are chosen only where there is no other.</param>
    public UpstreamAddress? Hold(IReadOnlyCollection<UpstreamAddress> tried)
    {
        var most = _upstream.Circuit?.MaxConnections ?? int.MaxValue;
        for (var i = 0; i <= _addresses.Length; i++)
        {
            if (ChooseOpen(tried) is not { } address)
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
        lock (_ejecting)
        {
            var now = Now;
            var ejected = _addresses.Count(a => a.State.Ejection.IsEjected(now));
            if (address.State.Ejection.IsEjected(now) || ejected >= AddressEjection.MostOf(_addresses.Length, policy))
            {
                return false;
            }

            address.State.Ejection.Eject(now, policy);
            return true;
        }
    }

    private UpstreamAddress? ChooseOpen(IReadOnlyCollection<UpstreamAddress> tried)
    {
        var all = _addresses;
        var isOpen = all.Length <= MostOnStack ? stackalloc bool[all.Length] : new bool[all.Length];
        var loads = all.Length <= MostOnStack ? stackalloc int[all.Length] : new int[all.Length];
        Look(isOpen, loads);
        var isOther = false;
        for (var i = 0; i < all.Length && tried.Count > 0; i++)
        {
            isOther |= isOpen[i] && !tried.Contains(all[i]);
        }

        for (var i = 0; i < all.Length && isOther; i++)
        {
            isOpen[i] &= !tried.Contains(all[i]);
        }

        var index = OpenChoice.Choose(_upstream.LoadBalancing, isOpen, loads, (uint)Interlocked.Increment(ref _turn), Chance.Next(), Chance.Next());
        return index < 0 ? null : all[index];
    }

    // Where too few are well, all are open: those would otherwise bear alone what all were made for.
    private void Look(Span<bool> isOpen, Span<int> loads)
    {
        var (now, well) = (Now, 0);
        for (var i = 0; i < isOpen.Length; i++)
        {
            var state = _addresses[i].State;
            isOpen[i] = state.Healthy && !(_upstream.Ejection is not null && state.Ejection.IsEjected(now));
            well += isOpen[i] ? 1 : 0;
            loads[i] = Volatile.Read(ref state.InFlight);
        }

        var isPanic = well == 0 || well * 100 < isOpen.Length * (_upstream.Ejection?.Panic ?? 0);
        for (var i = 0; i < isOpen.Length; i++)
        {
            isOpen[i] = (isOpen[i] || isPanic) && !(_upstream.Circuit?.MaxConnections is { } most && Volatile.Read(ref _addresses[i].State.Held) >= most);
        }
    }
}
