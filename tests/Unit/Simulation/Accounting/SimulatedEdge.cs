using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Simulation.Accounting;

/// <summary>What an edge did with one lease: what its journal tells after a restart, where it has one.</summary>
internal sealed class LeaseEntry
{
    public long Settled { get; set; }

    public long Reserved { get; set; }
}

/// <summary>One edge: requests that every level must admit, attempts at a provider that bills whatever becomes of the edge, settlements, and a journal.</summary>
internal sealed class SimulatedEdge
{
    private const int MostTries = 8;
    private readonly AccountingWorld _world;
    private readonly Dictionary<BudgetAccount, SimulatedMeter> _meters = [];
    private readonly SimulatedRecords _records;
    private long _names;
    private bool _isDrained;

    public SimulatedEdge(AccountingWorld world, SimulatedNode node)
    {
        (_world, Node, Revision) = (world, node, world.Revision);
        _records = new SimulatedRecords(world, node);
        foreach (var account in world.Accounts)
        {
            _meters[account] = new SimulatedMeter(world, this, account);
        }
    }

    public SimulatedNode Node { get; }

    /// <summary>The revision that it runs.</summary>
    public long Revision { get; set; }

    public IReadOnlyDictionary<BudgetAccount, SimulatedMeter> Meters => _meters;

    /// <summary>What it did with each lease.</summary>
    public Dictionary<(BudgetAccount Account, string Holder, long Window), LeaseEntry> Journal { get; } = [];

    public string NewName() => ++_names == 1 ? Node.Name : FormattableString.Invariant($"{Node.Name}.{_names - 1}");

    public long SettledOf(BudgetAccount account, string holder, long window) => Journal.GetValueOrDefault((account, holder, window))?.Settled ?? 0;

    /// <summary>Serves one request: with perhaps two attempts, or, where it is adaptive, slice by slice.</summary>
    public Task RequestAsync(BudgetAccount key, long worst)
    {
        BudgetAccount[] levels = [_world.Tenant, key];
        return _world.Simulator.Random.Happens(0.25) ? StreamAsync(levels, worst) : RequestAsync(levels, worst);
    }

    // Each slice is held before it is used, and cut is what no slice is left for. The whole is settled at its end. In calm times are only the short ones that began in them.
    private async Task StreamAsync(BudgetAccount[] levels, long worst)
    {
        var isCalm = _world.IsCalm;
        var slice = (worst / 3) + 1;
        var held = new List<BudgetLease[]>();
        var (attempt, billed) = ((AttemptRecord?)null, 0L);
        for (var seen = 0L; seen < worst && _world.IsCalm == isCalm && await AdmitAsync(levels, slice) is { } leases; seen += slice)
        {
            held.Add(leases);
            if (!_isDrained)
            {
                attempt ??= _records.Begin(slice * 3);
                await BillAsync(attempt.Id, levels, leases, slice);
                billed += slice;
            }
        }

        foreach (var leases in held)
        {
            Settle(levels, leases, slice, slice);
        }

        if (attempt is not null)
        {
            _records.End(attempt, UsageSource.Reported, billed);
        }
    }

    private async Task RequestAsync(BudgetAccount[] levels, long worst)
    {
        if (await AdmitAsync(levels, worst) is not { } leases)
        {
            return;
        }

        var random = _world.Simulator.Random;
        if (random.Happens(0.15))
        {
            // The first attempt breaks: what it used is billed, and not told.
            var billed = random.Below((int)worst) + 1;
            var broken = _records.Begin(worst);
            await BillAsync(broken.Id, levels, leases, billed);
            _records.End(broken, UsageSource.Reserved, worst);
            if (_world.Variant is not AccountingVariant.OneReservationForTwoAttempts)
            {
                Settle(levels, leases, worst, worst);
                for (var i = 0; i < levels.Length; i++)
                {
                    _world.History.Unknown(levels[i], leases[i].Holder, leases[i].Window, worst - billed);
                }

                if (await AdmitAsync(levels, worst) is not { } again)
                {
                    return;
                }

                leases = again;
            }
        }

        var used = random.Happens(0.5) ? worst : random.Below((int)worst + 1);

        // What a provider bills beyond the reservation is known to an edge that is there to hear of it.
        var excess = random.Happens(0.01) ? worst / 2 : 0;
        used = excess > 0 ? worst : used;
        var attempt = _records.Begin(worst);
        await BillAsync(attempt.Id, levels, leases, used);
        if (excess > 0 && !_isDrained)
        {
            _world.History.Billed(attempt.Id, levels, leases, excess, isExcess: true);
            used += excess;
        }

        Settle(levels, leases, worst, used);
        _records.End(attempt, UsageSource.Reported, used);
    }

    /// <summary>Ends in good order, though requests may be under way.</summary>
    public async Task DrainAsync()
    {
        _isDrained = true;
        foreach (var meter in _meters.Values)
        {
            await meter.DrainAsync();
        }
    }

    /// <summary>After a restart with the journal of before: what every lease came to is told, until it is answered.</summary>
    public async Task ReplayAsync(SimulatedEdge dead)
    {
        await _records.ReplayAsync(dead._records);
        foreach (var ((account, holder, window), entry) in dead.Journal.ToList())
        {
            var spent = entry.Settled + (_world.Variant is AccountingVariant.JournalForgetsReserved ? 0 : entry.Reserved);
            var report = new Sluice.Grains.Interfaces.Budgets.LeaseReport(holder, window, spent, Close: true);
            _world.History.Drained(account, report, entry.Settled);
            for (var tries = 0; tries < 60; tries++)
            {
                var grain = account.Any();
                if (await _world.Network.CallAsync(Node, grain.Node, () => grain.ReportAsync(report), TimeSpan.FromSeconds(1)) is { Came: true, Value: not null })
                {
                    break;
                }

                await Node.DelayAsync(TimeSpan.FromSeconds(0.3));
            }
        }
    }

    /// <summary>A lease is known: the journal notes it before anything is spent from it.</summary>
    public void Note(BudgetAccount account, BudgetLease lease) => Journal.TryAdd((account, lease.Holder, lease.Window), new LeaseEntry());

    private async Task<BudgetLease[]?> AdmitAsync(BudgetAccount[] levels, long worst)
    {
        for (var tries = 0; tries < MostTries && !_isDrained; tries++)
        {
            if (TryTake(levels, worst, out var lacking) is { } leases)
            {
                _world.History.Admitted(levels, leases);
                return leases;
            }

            switch (await _meters[lacking!].MakeRoomAsync(worst))
            {
                case null:
                    return null;
                case false:
                    _world.History.Refused(this, lacking!, worst, _meters[lacking!].IsFresh);
                    return null;
            }
        }

        return null;
    }

    private BudgetLease[]? TryTake(BudgetAccount[] levels, long worst, out BudgetAccount? lacking)
    {
        var leases = new BudgetLease[levels.Length];
        Span<long> before = stackalloc long[levels.Length];
        for (var i = 0; i < levels.Length; i++)
        {
            var meter = _meters[levels[i]];
            before[i] = Room(meter.Book.Current);
            if (meter.TryReserve(worst) is not { } lease)
            {
                lacking = levels[i];
                for (var taken = 0; taken < i; taken++)
                {
                    _meters[levels[taken]].Release(leases[taken], worst);
                    Entry(levels[taken], leases[taken]).Reserved -= worst;
                    _world.History.Released(levels[taken], leases[taken], Room(leases[taken]) - before[taken]);
                }

                return null;
            }

            leases[i] = lease;
            Entry(levels[i], lease).Reserved += worst;
        }

        lacking = null;
        return leases;
    }

    // What is free, and what was given back of that at once.
    private static long Room(BudgetLease? lease) => lease is null ? 0 : lease.Escrow.Free + lease.Escrow.Returned;

    // The provider bills in two parts, and goes on though the edge may be gone; whoever is told of the whole is the edge, if it is there.
    private async Task BillAsync(string attempt, BudgetAccount[] levels, BudgetLease[] leases, long used)
    {
        var takes = _world.Simulator.Random.Between(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(200));
        var first = used / 3;
        _world.History.Billed(attempt, levels, leases, first);
        var last = new TaskCompletionSource();
        _world.Simulator.After(takes, () =>
        {
            _world.History.Billed(attempt, levels, leases, used - first);
            Node.Do(last.SetResult);
        });
        await last.Task;
    }

    private void Settle(BudgetAccount[] levels, BudgetLease[] leases, long worst, long used)
    {
        for (var i = 0; i < levels.Length; i++)
        {
            _meters[levels[i]].Settle(leases[i], worst, used);
            var entry = Entry(levels[i], leases[i]);
            (entry.Reserved, entry.Settled) = (entry.Reserved - worst, entry.Settled + used);
        }
    }

    private LeaseEntry Entry(BudgetAccount account, BudgetLease lease)
    {
        if (!Journal.TryGetValue((account, lease.Holder, lease.Window), out var entry))
        {
            Journal[(account, lease.Holder, lease.Window)] = entry = new LeaseEntry();
        }

        return entry;
    }
}
