using System.Collections.Immutable;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering.Journal;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>
/// What one request holds of every level. Settled exactly once: further calls change nothing. Once it is settled and disposed of it serves another request, so that an
/// admission allocates nothing: whoever disposes of it keeps no reference, and until it serves another every member throws.
/// </summary>
public sealed class Reservation : IDisposable
{
    private readonly Meter _meter;
    private readonly HeldLimits _limits = new();
    private readonly HeldBudgets _budgets = new();

    // Null: it serves no request.
    private Levels? _bound;
    private Caller? _caller;
    private Ask _ask;
    private Charge _worst;

    // Levels that do not refuse for this request, because no silo answered and they are declared open; bits by index, limits first.
    private ulong _opened;
    private int _settled;
    private long? _cost;
    private long _heldOutput;
    private BegunMark? _begun;

    internal Reservation(Meter meter) => _meter = meter;

    /// <summary>Begins to serve a request, of which nothing is held yet.</summary>
    internal void Open(Levels levels, Caller? caller, in Ask ask)
    {
        (_bound, _caller, _ask, _opened, _settled) = (levels, caller, ask, ask.IsOwed ? ulong.MaxValue : 0, 0);
        _worst = Charge.WorstCase(ask);
        _heldOutput = levels.HasAdaptive && ask.IsStreamed ? LikelyOutput(levels, ask) : ask.OutputTokens;
        _limits.Open(levels.Limits, ask.IsOwed ? 0 : _worst.Tokens, ask.IsPart);
        _budgets.Open(levels.Budgets, levels.Revision, _worst, _heldOutput < ask.OutputTokens ? ChargeOf(_heldOutput) : _worst);
    }

    /// <summary>Ends its use, once it is settled; before, it does nothing.</summary>
    public void Dispose()
    {
        if (Volatile.Read(ref _settled) != 0 && Interlocked.Exchange(ref _bound, null) is not null)
        {
            (_caller, _ask, _cost, _begun) = (null, default, null, null);
            _limits.Open([], 0);
            _budgets.Open([], 0, default, default);
            _meter.Return(this);
        }
    }

    /// <summary>The figures for <c>x-ratelimit-*</c> headers, of the tightest limit; null where no limit binds.</summary>
    public RateHeaders? Headers => Levels.Limits.Length == 0 ? null : _limits.Headers;

    internal Levels Levels => _bound ?? throw new ObjectDisposedException(nameof(Reservation), "It was disposed of, and may serve another request.");

    /// <summary>The most input tokens that were reserved.</summary>
    public long InputBound => Asked.InputTokens;

    /// <summary>The answer's cap: fewer output tokens than were asked for where it was lowered.</summary>
    public long OutputBound => Asked.OutputTokens;

    /// <summary>The output tokens that every level covers: less than the cap where a budget is adaptive and the answer is streamed.</summary>
    public long HeldOutput
    {
        get
        {
            ObjectDisposedException.ThrowIf(_bound is null, this);
            return Volatile.Read(ref _heldOutput);
        }
    }

    /// <summary>What counts where nothing is known of an answer.</summary>
    public TokenCounts Reserved => new() { Input = Asked.InputTokens, Output = HeldOutput };

    /// <summary>Whether an answer ends where it has used what was reserved.</summary>
    internal bool EndsAnswers => Levels.EndsAnswers;

    /// <summary>By which the answer is covered while it streams; null: all of it is.</summary>
    internal AnswerSlices? BeginSlices() => HeldOutput < OutputBound ? new AnswerSlices(this, _meter.Context, Math.Max(1, Asked.Answers)) : null;

    /// <summary>Whether a request with fewer tokens might be let in by a level that lacks something.</summary>
    internal bool CountsTokens(Lacking lacking) => lacking.Budget >= 0 ? Levels.Budgets[lacking.Budget].Budget.Unit != BudgetUnit.Requests : Levels.Limits[lacking.Limit].Limit.Tokens is not null;

    /// <summary>Charges what was used, frees the rest, counts the record. Returns the cost in 10⁻⁹ US dollar, or null without a price.</summary>
    public long? Settle(in Settlement settlement)
    {
        var levels = Levels;
        if (Interlocked.Exchange(ref _settled, 1) != 0)
        {
            return _cost;
        }

        var isUnknown = settlement.Source == UsageSource.Reserved;
        var used = Charge.Used(settlement, _ask, _budgets.Held);
        Record(settlement, used);
        _cost = _ask.Price is null ? null : used.Nano;
        _limits.Leave((isUnknown ? _worst : used).Tokens, settlement.IsFollowed);
        _budgets.Settle(isUnknown ? null : used, settlement.IsFollowed);
        if (levels.HasAdaptive)
        {
            Learn(settlement);
        }

        return _cost;
    }

    /// <summary>The price's table and its version, as <c>acme@42</c>; null: without a price.</summary>
    public string? PriceName => Asked.PriceName;

    /// <summary>Counts the request as demand on its limits, whatever becomes of it.</summary>
    internal void CountDemand() => _limits.CountDemand();

    /// <summary>Takes on every level, the widest first, or on none.</summary>
    internal bool TryTake(long now, out Lacking lacking)
    {
        ObjectDisposedException.ThrowIf(_bound is null, this);
        if (!_limits.TryTake(now, _opened, out lacking))
        {
            return false;
        }

        if (!_budgets.TryTake(now, OpenedBudgets, out var level))
        {
            lacking = new Lacking(-1, level, default);
            _limits.Undo();
            return false;
        }

        Begin(_heldOutput);
        return true;
    }

    /// <summary>Takes more of every adaptive budget, until so much output is covered, or of none.</summary>
    internal bool TryGrow(long output, out Lacking lacking)
    {
        if (!_budgets.TryGrow(ChargeOf(output), _meter.Context.Now, OpenedBudgets, out var level))
        {
            lacking = new Lacking(-1, level, default);
            return false;
        }

        lacking = default;
        Begin(output);
        Volatile.Write(ref _heldOutput, output);
        return true;
    }

    /// <summary>Waits for what a level lacks; once taken, for what it lacks of so much output.</summary>
    internal Task<Room> MakeRoomAsync(Lacking lacking, CancellationToken cancellation, long? output = null)
    {
        if (lacking.Budget < 0)
        {
            return _limits.MakeRoomAsync(lacking, cancellation);
        }

        var count = output is { } more ? _budgets.Missing(lacking.Budget, ChargeOf(more)) : _budgets.CountOf(lacking.Budget);
        return Levels.Budgets[lacking.Budget].Meter.MakeRoomAsync(count, Levels.Revision, cancellation);
    }

    /// <summary>The request is not admitted by this reservation: what grains have let pass goes to others.</summary>
    internal void Refund() => _limits.Refund();

    /// <summary>No silo answered: whether the level is declared open, and then it does not refuse this request any more.</summary>
    internal bool TryOpen(Lacking lacking)
    {
        var (index, rule) = lacking.Budget < 0
            ? (lacking.Limit, Levels.Limits[lacking.Limit].Limit.WhenUnreachable)
            : (Levels.Limits.Length + lacking.Budget, Levels.Budgets[lacking.Budget].Budget.WhenUnreachable);
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
        if (lacking.Budget < 0)
        {
            return _limits.Refuse(lacking, room);
        }

        var (meter, budget) = Levels.Budgets[lacking.Budget];
        return room is { Kind: RoomKind.Refused, Answer: { } answer }
            ? Refusals.BudgetSpent(budget, meter.Subject, _budgets.CountOf(lacking.Budget), answer, now)
            : Refusals.Unreachable("Budget", budget.Name, meter.Subject);
    }

    private ref readonly Ask Asked
    {
        get
        {
            ObjectDisposedException.ThrowIf(_bound is null, this);
            return ref _ask;
        }
    }

    // Of the levels one that knows too few answers, or longer ones, decides for all.
    private static long LikelyOutput(Levels levels, in Ask ask)
    {
        var (answers, likely) = (Math.Max(1, ask.Answers), 0L);
        foreach (var level in levels.Budgets)
        {
            if (level.IsAdaptive)
            {
                likely = Math.Max(likely, level.Meter.Sizes.Likely(ask.SizesOf) ?? ask.OutputTokens);
            }
        }

        return Math.Min(Costs.Saturate((Int128)likely * answers), ask.OutputTokens);
    }

    private void Learn(in Settlement settlement)
    {
        var output = settlement.Tokens.Output / Math.Max(1, _ask.Answers);
        if (_ask.OutputTokens == 0 || !(settlement.IsCut || (settlement.Source == UsageSource.Reported && settlement.Status < 400)))
        {
            return;
        }

        foreach (var level in Levels.Budgets)
        {
            if (level.IsAdaptive)
            {
                // How long it would have been is not known; taken for no longer than it was, answers would seem the shorter the less is left.
                level.Meter.Sizes.Add(_ask.SizesOf, settlement.IsCut ? output * 2 : output);
            }
        }
    }

    private Charge ChargeOf(long output) => Charge.WorstCase(_ask with { OutputTokens = output });

    // Again for each slice: of an attempt the last beginning counts.
    private void Begin(long output)
    {
        if (_meter.Ledger.HasJournal && _budgets.Charges(null) is var reserved && IsRecorded(reserved))
        {
            _begun = AttemptRecording.Begin(_meter.Ledger, _caller?.Identity, _ask with { OutputTokens = output }, Levels.Revision, _budgets.Held, reserved, _begun);
        }
    }

    // Before the leases are charged: no report may tell of what the journal does not know.
    private void Record(in Settlement settlement, Charge used)
    {
        var isUnknown = settlement.Source == UsageSource.Reserved;
        var counted = isUnknown ? settlement with { Tokens = Reserved } : settlement;
        var charges = _budgets.Charges(isUnknown ? null : used, settlement.IsFollowed);
        var overdraft = Levels.EndsAnswers && !isUnknown ? Math.Max(0, used.Tokens - _budgets.Held.Tokens) : 0;
        _meter.Count(overdraft, settlement.IsCut);
        if (IsRecorded(charges))
        {
            AttemptRecording.End(_meter.Ledger, _caller?.Identity, _ask, Levels.Revision, counted, used.Nano, charges, overdraft, _begun);
        }
        else
        {
            _meter.Ledger.Count(_caller?.Identity, _ask.Name, counted, used.Nano);
        }
    }

    // A plain route that charges nothing is only summed.
    private bool IsRecorded(ImmutableArray<LeaseCharge> charges) => _ask.Attempt.IsRecorded || !charges.IsEmpty;

    private ulong OpenedBudgets => Levels.Limits.Length < 64 ? _opened >> Levels.Limits.Length : 0;

    private bool IsOpened(int index) => index < 64 && (_opened & (1UL << index)) != 0;
}
