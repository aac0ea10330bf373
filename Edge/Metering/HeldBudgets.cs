using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>
/// What one request holds of its budgets. Of those that are adaptive it may hold less than the worst at first, and more later: each slice is a reservation of its own, charged
/// to the lease that it came from. Takes on every level or on none. Used by one at a time.
/// </summary>
internal sealed class HeldBudgets
{
    private const int UsualLevels = 4;
    private const long Endless = long.MaxValue / 8;
    private BudgetLevel[] _levels = [];
    private long _revision;
    private Charge _worst;

    // By level at first, slices from other leases after them.
    private Part[] _parts = new Part[UsualLevels];
    private int _count;
    private bool _hasSlices;
    private Charge _held;

    /// <summary>Begins with nothing held.</summary>
    /// <param name="levels">The budgets.</param>
    /// <param name="revision">Under which the request is served.</param>
    /// <param name="worst">What is to be held of those that are not adaptive.</param>
    /// <param name="held">What is to be held of the others at first.</param>
    public void Open(BudgetLevel[] levels, long revision, Charge worst, Charge held) => (_levels, _revision, _worst, _held, _hasSlices) = (levels, revision, worst, held, false);

    /// <summary>What is held of adaptive budgets.</summary>
    public Charge Held => _held;

    /// <summary>Takes on every level, the widest first, or on none: then <paramref name="lacking"/> names one.</summary>
    /// <param name="now">A timestamp.</param>
    /// <param name="opened">Levels that do not refuse, a bit each.</param>
    public bool TryTake(long now, ulong opened, out int lacking)
    {
        for (lacking = 0; lacking < _levels.Length; lacking++)
        {
            if (!TryReserve(lacking, CountOf(lacking), now, opened))
            {
                Undo(0);
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes more of each adaptive budget, up to <paramref name="to"/>, or of none.</summary>
    /// <param name="to">What is to be held.</param>
    /// <param name="now">A timestamp.</param>
    /// <param name="opened">Levels that do not refuse, a bit each.</param>
    /// <param name="lacking">A level that does not cover it.</param>
    public bool TryGrow(Charge to, long now, ulong opened, out int lacking)
    {
        var begin = _count;
        for (lacking = 0; lacking < _levels.Length; lacking++)
        {
            if (_levels[lacking].IsAdaptive && !TryReserve(lacking, Missing(lacking, to), now, opened))
            {
                Undo(begin);
                return false;
            }
        }

        Join(begin);
        _held = to;
        return true;
    }

    /// <summary>What a level needs before anything is held.</summary>
    public long CountOf(int level) => CountOf(_levels[level]);

    /// <summary>What an adaptive level lacks of an amount.</summary>
    public long Missing(int level, Charge to) => Math.Max(0, to.In(_levels[level].Budget.Unit) - _held.In(_levels[level].Budget.Unit));

    /// <summary>Charges what was used, and frees the rest.</summary>
    /// <param name="used">Null: nobody knows, and all that is held counts.</param>
    /// <param name="isFollowed">Whether another attempt of the request counts as the request.</param>
    public void Settle(Charge? used, bool isFollowed)
    {
        for (var i = 0; i < _count; i++)
        {
            ref var part = ref _parts[i];
            _levels[part.Level].Meter.Settle(part.Lease, part.Count, AmountOf(i, used, isFollowed));
        }

        Array.Clear(_parts, 0, _count);
        _count = 0;
    }

    /// <summary>The leases and what each is charged.</summary>
    /// <param name="used">Null: all that is held.</param>
    /// <param name="isFollowed">Whether another attempt of the request counts as the request.</param>
    public ImmutableArray<LeaseCharge> Charges(Charge? used, bool isFollowed = false)
    {
        if (_count == 0)
        {
            return [];
        }

        var charges = new LeaseCharge[_count];
        for (var i = 0; i < _count; i++)
        {
            ref var part = ref _parts[i];
            var (meter, budget) = _levels[part.Level];
            charges[i] = new LeaseCharge(budget.Name, meter.Subject, part.Lease.Holder, part.Lease.Window, AmountOf(i, used, isFollowed));
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(charges);
    }

    private long CountOf(in BudgetLevel level) => (level.IsAdaptive ? _held : _worst).In(level.Budget.Unit);

    private bool TryReserve(int level, long count, long now, ulong opened)
    {
        if (count == 0)
        {
            return true;
        }

        var (meter, budget) = _levels[level];
        if (!meter.TryReserve(count, now, _revision, out var lease))
        {
            if (budget.Mode == BudgetMode.Hard && (level >= 64 || (opened & (1UL << level)) == 0))
            {
                return false;
            }

            lease = meter.Force(count, budget is { Mode: BudgetMode.Hard, WhenUnreachable: WhenUnreachable.OpenUpTo } ? budget.OpenUpTo : Endless, _revision);
            if (lease is null)
            {
                return false;
            }
        }

        if (lease is not null)
        {
            if (_count == _parts.Length)
            {
                Array.Resize(ref _parts, _count * 2);
            }

            _parts[_count++] = new Part(level, lease, count);
        }

        return true;
    }

    private void Undo(int begin)
    {
        while (_count > begin)
        {
            ref var part = ref _parts[--_count];
            _levels[part.Level].Meter.Settle(part.Lease, part.Count, 0);
            part = default;
        }
    }

    // A slice from the lease of the one before is one with it.
    private void Join(int begin)
    {
        var kept = begin;
        for (var i = begin; i < _count; i++)
        {
            var slice = _parts[i];
            var before = Array.FindLastIndex(_parts, kept - 1, kept, part => part.Level == slice.Level);
            if (before >= 0 && _parts[before].Lease == slice.Lease)
            {
                _parts[before].Count += slice.Count;

                // One settlement ends both: the hold of the second goes now.
                slice.Lease.Escrow.Settle(0, 0);
            }
            else
            {
                _parts[kept++] = slice;
                _hasSlices = true;
            }
        }

        Array.Clear(_parts, kept, _count - kept);
        _count = kept;
    }

    // Slices are used up one after the other; the last of a level has what is beyond them all.
    private long AmountOf(int index, Charge? used, bool isFollowed)
    {
        ref var part = ref _parts[index];
        if (isFollowed && _levels[part.Level].Budget.Unit is BudgetUnit.Requests)
        {
            return 0;
        }

        if (used is not { } charge)
        {
            return part.Count;
        }

        var amount = charge.In(_levels[part.Level].Budget.Unit);
        if (!_hasSlices)
        {
            return amount;
        }

        var isLast = true;
        for (var i = 0; i < _count; i++)
        {
            if (_parts[i].Level == part.Level)
            {
                amount -= i < index ? Math.Min(amount, _parts[i].Count) : 0;
                isLast &= i <= index;
            }
        }

        return isLast ? amount : Math.Min(amount, part.Count);
    }

    private struct Part(int level, BudgetLease lease, long count)
    {
        public readonly int Level = level;
        public readonly BudgetLease Lease = lease;
        public long Count = count;
    }
}
