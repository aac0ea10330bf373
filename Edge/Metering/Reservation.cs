using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering.Journal;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>What one request holds of every level. Settled exactly once: further calls change nothing.</summary>
public sealed class Reservation
{
    private const int Inline = 4;
    private const long Endless = long.MaxValue / 8;
    private readonly Meter _meter;
    private readonly Levels _levels;
    private readonly Caller? _caller;
    private readonly Ask _ask;
    private readonly Charge _worst;
    private readonly BudgetLease?[]? _more;
    private FirstLeases _first;

    // Levels that do not refuse for this request, because no silo answered and they are declared open; bits by index, limits first.
    private ulong _opened;
    private int _settled;
    private long? _cost;
    private BegunMark? _begun;

    internal Reservation(Meter meter, Levels levels, Caller? caller, in Ask ask)
    {
        (_meter, _levels, _caller, _ask) = (meter, levels, caller, ask);
        _worst = Charge.WorstCase(ask);
        _more = levels.Budgets.Length > Inline ? new BudgetLease?[levels.Budgets.Length - Inline] : null;
    }

    /// <summary>The figures for <c>x-ratelimit-*</c> headers, of the tightest limit; null where no limit binds.</summary>
    public RateHeaders? Headers
    {
        get
        {
            RateHeaders? tightest = null;
            foreach (var level in _levels.Limits)
            {
                var headers = level.Meter.Headers(level.Limit);
                tightest = tightest is { } other ? other.Tightest(headers) : headers;
            }

            return tightest;
        }
    }

    internal Levels Levels => _levels;

    /// <summary>The most input tokens that were reserved.</summary>
    public long InputBound => _ask.InputTokens;

    /// <summary>The most output tokens that were reserved: fewer than were asked for where the cap was lowered.</summary>
    public long OutputBound => _ask.OutputTokens;

    /// <summary>Whether an answer ends where it has used what was reserved.</summary>
    internal bool EndsAnswers => _levels.EndsAnswers;

    /// <summary>Whether a request with fewer tokens might be let in by a level that lacks something.</summary>
    internal bool CountsTokens(Lacking lacking) => lacking.Budget >= 0 ? _levels.Budgets[lacking.Budget].Budget.Unit != BudgetUnit.Requests : _levels.Limits[lacking.Limit].Limit.Tokens is not null;

    /// <summary>Charges what was used, frees the rest, counts the record. Returns the cost in 10⁻⁹ US dollar, or null without a price.</summary>
    public long? Settle(in Settlement settlement)
    {
        if (Interlocked.Exchange(ref _settled, 1) != 0)
        {
            return _cost;
        }

        var used = Charge.Used(settlement, _ask, _worst);
        Record(settlement, used);
        _cost = _ask.Price is null ? null : used.Nano;
        foreach (var level in _levels.Limits)
        {
            level.Meter.Leave(_worst.Tokens - used.Tokens);
        }

        var budgets = _levels.Budgets;
        for (var i = 0; i < budgets.Length; i++)
        {
            var unit = budgets[i].Budget.Unit;
            if (LeaseAt(i) is { } lease)
            {
                budgets[i].Meter.Settle(lease, _worst.In(unit), used.In(unit));
            }
        }

        return _cost;
    }

    /// <summary>The price's table and its version, as <c>acme@42</c>; null: without a price.</summary>
    public string? PriceName => _ask.PriceName;

    /// <summary>Counts the request as demand on its limits, whatever becomes of it.</summary>
    internal void CountDemand()
    {
        foreach (var level in _levels.Limits)
        {
            level.Meter.Ask(_worst.Tokens);
        }
    }

    /// <summary>Takes on every level, the widest first, or on none.</summary>
    internal bool TryTake(long now, out Lacking lacking)
    {
        lacking = default;
        var limits = _levels.Limits;
        for (var i = 0; i < limits.Length; i++)
        {
            var outcome = limits[i].Meter.TryEnter(_worst.Tokens, now, IsOpened(i));
            if (outcome.Take != Take.Taken)
            {
                lacking = new Lacking(i, -1, outcome);
                UndoLimits(i);
                return false;
            }
        }

        var budgets = _levels.Budgets;
        for (var i = 0; i < budgets.Length; i++)
        {
            if (!TryReserve(i, now))
            {
                lacking = new Lacking(-1, i, default);
                UndoBudgets(i);
                UndoLimits(limits.Length);
                return false;
            }
        }

        Begin();
        return true;
    }

    /// <summary>Waits for what a level lacks.</summary>
    internal Task<Room> MakeRoomAsync(Lacking lacking, CancellationToken cancellation)
    {
        if (lacking.Budget < 0)
        {
            return _levels.Limits[lacking.Limit].Meter.MakeRoomAsync(lacking.Outcome, _worst.Tokens, cancellation);
        }

        var (meter, budget) = _levels.Budgets[lacking.Budget];
        return meter.MakeRoomAsync(_worst.In(budget.Unit), _levels.Revision, cancellation);
    }

    /// <summary>No silo answered: whether the level is declared open, and then it does not refuse this request any more.</summary>
    internal bool TryOpen(Lacking lacking)
    {
        var (index, rule) = lacking.Budget < 0
            ? (lacking.Limit, _levels.Limits[lacking.Limit].Limit.WhenUnreachable)
            : (_levels.Limits.Length + lacking.Budget, _levels.Budgets[lacking.Budget].Budget.WhenUnreachable);
        if (rule == WhenUnreachable.Closed || index >= 64 || IsOpened(index))
        {
            return false;
        }

        _opened |= 1UL << index;
        return true;
    }

    /// <summary>Says why the request is not admitted.</summary>
    internal Refusal Refuse(Lacking lacking, Room room, DateTimeOffset now)
    {
        if (lacking.Budget >= 0)
        {
            var (meter, budget) = _levels.Budgets[lacking.Budget];
            return room is { Kind: RoomKind.Refused, Answer: { } answer }
                ? Refusals.BudgetSpent(budget, meter.Subject, _worst.In(budget.Unit), answer, now)
                : Refusals.Unreachable("Budget", budget.Name, meter.Subject);
        }

        var (rate, limit) = _levels.Limits[lacking.Limit];
        return room.Kind == RoomKind.Refused || (room.Kind == RoomKind.Made && lacking.IsForWantOfRate)
            ? Refusals.RateLimited(limit, rate.Subject, lacking.Outcome, _worst.Tokens, room.Kind == RoomKind.Refused ? room.Wait : Refusals.Soon(lacking.Outcome.Wait))
            : Refusals.Unreachable("Limit", limit.Name, rate.Subject);
    }

    private void Begin()
    {
        if (_meter.Ledger.HasJournal && ChargesOf(_worst) is var reserved && IsRecorded(reserved))
        {
            _begun = AttemptRecording.Begin(_meter.Ledger, _caller?.Identity, _ask, _levels.Revision, _worst, reserved);
        }
    }

    // Before the leases are charged: no report may tell of what the journal does not know.
    private void Record(in Settlement settlement, Charge used)
    {
        var counted = settlement.Source == UsageSource.Reserved
            ? settlement with { Tokens = new TokenCounts { Input = _ask.InputTokens, Output = _ask.OutputTokens } }
            : settlement;
        var charges = ChargesOf(used);
        if (IsRecorded(charges))
        {
            AttemptRecording.End(_meter.Ledger, _caller?.Identity, _ask, _levels.Revision, counted, used.Nano, charges, _begun);
        }
        else
        {
            _meter.Ledger.Count(_caller?.Identity, _ask.Name, counted, used.Nano);
        }
    }

    // A plain route that charges nothing is only summed.
    private bool IsRecorded(ImmutableArray<LeaseCharge> charges) => _ask.Attempt.IsRecorded || !charges.IsEmpty;

    private ImmutableArray<LeaseCharge> ChargesOf(Charge charge)
    {
        var budgets = _levels.Budgets;
        if (budgets.Length == 0)
        {
            return [];
        }

        var charges = ImmutableArray.CreateBuilder<LeaseCharge>(budgets.Length);
        for (var i = 0; i < budgets.Length; i++)
        {
            if (LeaseAt(i) is { } lease)
            {
                charges.Add(new LeaseCharge(budgets[i].Budget.Name, budgets[i].Meter.Subject, lease.Holder, lease.Window, charge.In(budgets[i].Budget.Unit)));
            }
        }

        return charges.DrainToImmutable();
    }

    private bool TryReserve(int index, long now)
    {
        var (meter, budget) = _levels.Budgets[index];
        var count = _worst.In(budget.Unit);
        if (count == 0)
        {
            return true;
        }

        var revision = _levels.Revision;
        if (!meter.TryReserve(count, now, revision, out var lease))
        {
            if (budget.Mode == BudgetMode.Hard && !IsOpened(_levels.Limits.Length + index))
            {
                return false;
            }

            lease = meter.Force(count, budget is { Mode: BudgetMode.Hard, WhenUnreachable: WhenUnreachable.OpenUpTo } ? budget.OpenUpTo : Endless, revision);
            if (lease is null)
            {
                return false;
            }
        }

        LeaseAt(index) = lease;
        return true;
    }

    private bool IsOpened(int index) => index < 64 && (_opened & (1UL << index)) != 0;

    private void UndoLimits(int count)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            _levels.Limits[i].Meter.Undo(_worst.Tokens);
        }
    }

    private void UndoBudgets(int count)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            ref var lease = ref LeaseAt(i);
            if (lease is not null)
            {
                var (meter, budget) = _levels.Budgets[i];
                meter.Settle(lease, _worst.In(budget.Unit), 0);
                lease = null;
            }
        }
    }

    private ref BudgetLease? LeaseAt(int index)
    {
        if (index < Inline)
        {
            return ref _first[index];
        }

        return ref _more![index - Inline];
    }

    /// <summary>The leases of the first budgets, inside the reservation: most callers have no more.</summary>
    [InlineArray(Inline)]
    private struct FirstLeases
    {
        private BudgetLease? _item;
    }
}
