using System.Runtime.CompilerServices;
using Sluice.Edge.Identity;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>What one request holds of every level. Settled exactly once: further calls change nothing.</summary>
public sealed class Reservation
{
    private const int Inline = 4;
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
                var headers = level.Meter.Headers();
                tightest = tightest is { } other ? Tightest(other, headers) : headers;
            }

            return tightest;
        }
    }

    internal Levels Levels => _levels;

    /// <summary>Charges what was used, frees the rest, counts the record. Returns the cost in 10⁻⁹ US dollar, or null without a price.</summary>
    public long? Settle(in Settlement settlement)
    {
        if (Interlocked.Exchange(ref _settled, 1) != 0)
        {
            return _cost;
        }

        var used = Charge.Used(settlement, _ask.Price, _worst);
        _cost = _ask.Price is null ? null : used.Nano;
        foreach (var level in _levels.Limits)
        {
            level.Meter.Leave(_worst.Tokens - used.Tokens);
        }

        var budgets = _levels.Budgets;
        for (var i = 0; i < budgets.Length; i++)
        {
            var unit = budgets[i].Budget.Unit;
            LeaseAt(i)?.Escrow.Settle(_worst.In(unit), used.In(unit));
        }

        var counted = settlement.Source == Sluice.Grains.Interfaces.Usage.UsageSource.Reserved
            ? settlement with { InputTokens = _ask.InputTokens, CachedTokens = 0, OutputTokens = _ask.OutputTokens, ReasoningTokens = 0 }
            : settlement;
        _meter.Ledger.Count(_caller?.Identity, _ask.Name, counted, used.Nano);
        return _cost;
    }

    /// <summary>What <see cref="Settle"/> would cost, for the <c>sluice-cost</c> header.</summary>
    public long? CostOf(long inputTokens, long cachedTokens, long outputTokens) =>
        _ask.Price is { } price ? Charge.Cost(price, inputTokens, cachedTokens, outputTokens) : null;

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
        return meter.MakeRoomAsync(_worst.In(budget.Unit), _levels.Revision.Head.Revision, cancellation);
    }

    /// <summary>No silo answered: whether the level is declared open, and then it does not refuse this request any more.</summary>
    internal bool TryOpen(Lacking lacking)
    {
        var (index, rule) = lacking.Budget < 0
            ? (lacking.Limit, _levels.Limits[lacking.Limit].Limit.WhenUnreachable)
            : (_levels.Limits.Length + lacking.Budget, _levels.Budgets[lacking.Budget].Budget.WhenUnreachable);
        if (rule != WhenUnreachable.Open || index >= 64 || IsOpened(index))
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
            ? Refusals.RateLimited(limit, rate.Subject, lacking.Outcome, _worst.Tokens, room.Kind == RoomKind.Refused ? room.Wait : lacking.Outcome.Wait)
            : Refusals.Unreachable("Limit", limit.Name, rate.Subject);
    }

    private bool TryReserve(int index, long now)
    {
        var (meter, budget) = _levels.Budgets[index];
        var count = _worst.In(budget.Unit);
        if (count == 0)
        {
            return true;
        }

        var revision = _levels.Revision.Head.Revision;
        if (!meter.TryReserve(count, now, revision, out var lease))
        {
            if (budget.Mode == BudgetMode.Hard && !IsOpened(_levels.Limits.Length + index))
            {
                return false;
            }

            lease = meter.Force(count, revision);
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
            lease?.Escrow.Settle(_worst.In(_levels.Budgets[i].Budget.Unit), 0);
            lease = null;
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

    private static RateHeaders Tightest(RateHeaders a, RateHeaders b)
    {
        var requests = Share(a.RemainingRequests, a.LimitRequests) <= Share(b.RemainingRequests, b.LimitRequests) ? a : b;
        var tokens = Share(a.RemainingTokens, a.LimitTokens) <= Share(b.RemainingTokens, b.LimitTokens) ? a : b;
        return new RateHeaders(
            requests.LimitRequests, requests.RemainingRequests, requests.ResetRequests, tokens.LimitTokens, tokens.RemainingTokens, tokens.ResetTokens);
    }

    private static double Share(long? remaining, long? limit) => remaining is { } left && limit is > 0 ? (double)left / limit.Value : double.MaxValue;

    /// <summary>The leases of the first budgets, inside the reservation: most callers have no more.</summary>
    [InlineArray(Inline)]
    private struct FirstLeases
    {
        private BudgetLease? _item;
    }
}

/// <summary>Which level does not cover a request: one of the two indexes is not negative.</summary>
internal readonly record struct Lacking(int Limit, int Budget, RateOutcome Outcome)
{
    /// <summary>A limit that was decided by its share, rather than one without a share or a budget.</summary>
    public bool IsForWantOfRate => Budget < 0 && Outcome.Take != Take.Sealed;
}
