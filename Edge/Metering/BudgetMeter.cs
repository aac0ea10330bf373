using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Edge.Metering;

/// <summary>
/// One budget of one subject on this edge: reserves from the lease that the edge has, borrows when it runs low, reports what was spent. One loan is
/// asked for at a time; all who wait share it. See docs/accounting.md, "Protocol".
/// </summary>
internal sealed class BudgetMeter(MeterContext context, string budget, string subject, IEdgeBudgetGrain grain)
{
    private static readonly TimeSpan ExhaustionKept = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan TopUpPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan IdleBound = TimeSpan.FromSeconds(60);
    private static readonly Task<Loan> RetiredLoan = Task.FromResult(new Loan(null, IsRepeat: true, IsShort: true));
    private readonly SpendRate _rate = new();
    private readonly Lock _gate = new();

    // Under _gate, as are writes to _lease.
    private readonly List<BudgetLease> _closing = [];
    private Task<Loan>? _borrowing;
    private string? _holder;
    private long _operation = 1;
    private bool _isRepeat;
    private long _lastWant;

    private BudgetLease? _lease;
    private Exhaustion? _exhaustion;
    private long _undeclaredAt = -1;
    private long _lowWater;
    private long _topUpAfter;
    private long _usedAt = context.Now;
    private bool _isRetired;
    private bool _isReporting;

    /// <summary>The budget's name.</summary>
    public string Budget => budget;

    /// <summary>Whom it binds.</summary>
    public string Subject => subject;

    /// <summary>Let go because nobody used it: whoever still refers to it looks it up anew.</summary>
    public bool IsRetired => Volatile.Read(ref _isRetired);

    /// <summary>What became of a borrow.</summary>
    /// <param name="Answer">Null: no silo answered in time.</param>
    /// <param name="IsRepeat">The operation was asked before: the answer may be of then.</param>
    /// <param name="IsShort">Less was lent than was needed.</param>
    private sealed record Loan(BorrowAnswer? Answer, bool IsRepeat, bool IsShort);

    /// <summary>What the budget had left when it last lent less than was needed.</summary>
    private sealed record Exhaustion(BorrowAnswer Answer, long Until);

    /// <summary>Reserves from the lease of the current window. True with no lease: the budget is not declared any more, nothing binds.</summary>
    public bool TryReserve(long count, long now, long revision, out BudgetLease? lease)
    {
        lease = Volatile.Read(ref _lease);
        if (lease is null)
        {
            return revision <= Volatile.Read(ref _undeclaredAt);
        }

        if (now >= lease.EndsAt || !lease.Escrow.TryReserve(count))
        {
            return false;
        }

        _rate.Count(count);
        if (lease.Escrow.Free < Volatile.Read(ref _lowWater) && now >= Volatile.Read(ref _topUpAfter))
        {
            Volatile.Write(ref _topUpAfter, now + context.Ticks(TopUpPause));
            _ = BorrowAsync(0, revision);
        }

        return true;
    }

    /// <summary>Reserves whatever is lent: for soft budgets, and for those that are open while no silo answers. Null only when retired.</summary>
    public BudgetLease? Force(long count, long revision)
    {
        BudgetLease? lease;
        lock (_gate)
        {
            if (_isRetired)
            {
                return null;
            }

            lease = _lease ??= new BudgetLease(Holder());

            // Under the lock: only under it a lease is sealed.
            lease.Escrow.TryForce(count);
        }

        _rate.Count(count);
        var now = context.Now;
        if (now >= lease.EndsAt || now >= Volatile.Read(ref _topUpAfter))
        {
            // Where the window is over or not known, each request asks, one at a time: it is charged to what is known until the answer.
            Volatile.Write(ref _topUpAfter, now + context.Ticks(TopUpPause));
            _ = BorrowAsync(0, revision);
        }

        return lease;
    }

    /// <summary>Asks for what a request lacks, and tells whether it is worth another try. Waits as long as a loan takes, at most the bound of a call.</summary>
    public async Task<Room> MakeRoomAsync(long count, long revision, CancellationToken cancellation)
    {
        if (Volatile.Read(ref _exhaustion) is { } known && context.Now < known.Until && !Fits(count, known.Answer))
        {
            return Room.Spent(known.Answer);
        }

        var lease = Volatile.Read(ref _lease);
        var free = lease is null || context.Now >= lease.EndsAt ? 0 : Math.Max(0, lease.Escrow.Free);
        var (call, isOwn) = JoinOrBorrow(Math.Max(1, count - free), revision);
        var loan = await call.WaitAsync(cancellation);
        if (IsRetired)
        {
            // The caller looks the meter up anew.
            return Room.Made;
        }

        if (loan.Answer is not { } answer)
        {
            return Room.Unreachable;
        }

        // A loan of someone else was not asked for what this request lacks; the answer of a repeated question is of the first time.
        var isShort = isOwn && loan.IsShort && (Volatile.Read(ref _lease)?.Escrow.Free ?? 0) < count;
        if (!answer.Declared || loan.IsRepeat || (Fits(count, answer) && !isShort))
        {
            return Room.Made;
        }

        Volatile.Write(ref _exhaustion, new Exhaustion(answer, context.Now + context.Ticks(ExhaustionKept)));
        return Room.Spent(answer);
    }

    /// <summary>Takes what was counted into the mean, tops up, reports, and closes leases whose window is over. Called each second by one owner.</summary>
    public async Task UpkeepAsync(TimeSpan elapsed, long revision, CancellationToken cancellation)
    {
        var now = context.Now;
        if (_rate.Tick(elapsed))
        {
            Volatile.Write(ref _usedAt, now);
        }

        Volatile.Write(ref _lowWater, (long)(_rate.PerSecond * 0.75));
        CloseWhatIsOver(now);
        if (Volatile.Read(ref _lease) is { Window: BudgetLease.UnknownWindow })
        {
            await BorrowAsync(0, revision).WaitAsync(cancellation);
        }

        await ReportAsync(cancellation);
    }

    /// <summary>Ends every lease with its last report. What requests still hold counts as spent: the grain must not lend it again.</summary>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        Task borrowing;
        lock (_gate)
        {
            _isRetired = true;
            borrowing = _borrowing ?? Task.CompletedTask;
        }

        // What is still on its way belongs to a lease as well.
        await borrowing.WaitAsync(cancellation);
        lock (_gate)
        {
            Close();
        }

        foreach (var lease in Closing())
        {
            if (lease.Report(close: true) is { } report)
            {
                await context.BoundAsync(grain.ReportAsync(report with { Spent = report.Spent + lease.Escrow.Reserved }), cancellation);
            }
        }
    }

    /// <summary>Lets go of a meter that holds nothing and was not used for long. False: it is still needed.</summary>
    public bool TryRetire()
    {
        lock (_gate)
        {
            _isRetired |= _lease is null && _closing.Count == 0 && _borrowing is null && IsIdle(context.Now);
            return _isRetired;
        }
    }

    private bool IsIdle(long now) => now - Volatile.Read(ref _usedAt) > context.Ticks(IdleBound);

    private bool Fits(long count, BorrowAnswer answer) =>
        count <= Math.Max(0, Volatile.Read(ref _lease)?.Escrow.Free ?? 0) + Math.Max(0, answer.Left);

    private Task<Loan> BorrowAsync(long need, long revision) => JoinOrBorrow(need, revision).Call;

    private (Task<Loan> Call, bool IsOwn) JoinOrBorrow(long need, long revision)
    {
        lock (_gate)
        {
            if (_borrowing is { } running)
            {
                return (running, false);
            }

            if (_isRetired)
            {
                return (RetiredLoan, false);
            }

            _borrowing = AskAsync(need, revision);
            return (_borrowing, true);
        }
    }

    private async Task<Loan> AskAsync(long need, long revision)
    {
        // Off the caller's lock at once.
        await Task.Yield();
        var asked = context.Now;
        BorrowRequest request;
        bool isRepeat;
        lock (_gate)
        {
            // Twice the last wish when that was not enough for long: the mean lags behind a sudden demand.
            var mean = (long)(_rate.PerSecond * 1.5);
            var want = Math.Max(Math.Max(need, mean), need > 0 ? Math.Min(_lastWant * 2, need * 64) : 0);
            _lastWant = want;
            isRepeat = _isRepeat;
            request = new BorrowRequest(_lease?.Holder ?? Holder(), _operation, need, want, revision, _lease?.Report(close: false));
        }

        try
        {
            var answer = await context.BoundAsync(grain.BorrowAsync(request), CancellationToken.None);
            lock (_gate)
            {
                var before = _lease is { } lease && lease.Window == answer.Window ? lease.Escrow.Amount : 0;
                (_operation, _isRepeat, _borrowing) = (_operation + 1, false, null);
                Take(answer, asked, revision, request.Edge, isRepeat);
                return new Loan(answer, isRepeat, answer.Amount - before < need);
            }
        }
        catch (Exception failure)
        {
            context.Unreachable(budget, failure);
            lock (_gate)
            {
                // Whether it was lent is not known: the same operation is asked again, and gets the answer of the first.
                (_isRepeat, _borrowing) = (true, null);
            }

            return new Loan(null, isRepeat, IsShort: true);
        }
    }

    private void Take(BorrowAnswer answer, long asked, long revision, string holder, bool isRepeat)
    {
        if (!answer.Declared)
        {
            Volatile.Write(ref _undeclaredAt, Math.Max(_undeclaredAt, revision));
            CloseForGood();
            return;
        }

        if (_lease is { } old && old.Window != BudgetLease.UnknownWindow && old.Window != answer.Window)
        {
            Close();
        }

        var lease = _lease ?? new BudgetLease(holder);
        lease.Window = answer.Window;

        // The answer of a repeated question tells the rest of the window as it was the first time: not to be relied on, so the next request asks.
        lease.EndsAt = answer.WindowEndsIn is not { } rest ? long.MaxValue : isRepeat ? asked : asked + context.Ticks(rest);
        lease.Escrow.Grow(answer.Amount);
        Volatile.Write(ref _lease, lease);
        Volatile.Write(ref _exhaustion, null);
    }

    private void CloseWhatIsOver(long now)
    {
        lock (_gate)
        {
            var isOver = _lease is { Window: not BudgetLease.UnknownWindow } lease
                && ((lease.EndsAt != long.MaxValue && now > lease.EndsAt + context.Ticks(TopUpPause)) || (IsIdle(now) && !lease.Escrow.IsHeld));
            if (isOver && _borrowing is null)
            {
                CloseForGood();
            }
        }
    }

    /// <summary>Closes a lease whose window the grain may know for longer: the next lease has a name of its own, for a closed one is never used again.</summary>
    private void CloseForGood()
    {
        Close();
        _holder = null;
        context.LeaseClosed();
    }

    private void Close()
    {
        if (_lease is { } lease)
        {
            lease.Escrow.Seal();
            _closing.Add(lease);
            Volatile.Write(ref _lease, null);
        }
    }

    private BudgetLease[] Closing()
    {
        lock (_gate)
        {
            return [.. _closing];
        }
    }

    private string Holder()
    {
        if (_holder is null)
        {
            _holder = context.HolderName();
            (_operation, _isRepeat) = (1, false);
        }

        return _holder;
    }

    private async Task ReportAsync(CancellationToken cancellation)
    {
        if (_isReporting)
        {
            return;
        }

        _isReporting = true;
        try
        {
            foreach (var lease in Closing())
            {
                if (!lease.Escrow.IsHeld)
                {
                    await EndAsync(lease, cancellation);
                }
            }

            if (Volatile.Read(ref _lease)?.Report(close: false) is { } report && _lease is { } open && report.Spent != open.Reported)
            {
                await context.BoundAsync(grain.ReportAsync(report), cancellation);
                open.Reported = report.Spent;
            }
        }
        finally
        {
            _isReporting = false;
        }
    }

    private async Task EndAsync(BudgetLease lease, CancellationToken cancellation)
    {
        if (lease.Report(close: true) is { } report)
        {
            await context.BoundAsync(grain.ReportAsync(report), cancellation);
        }

        lock (_gate)
        {
            _closing.Remove(lease);
        }
    }
}
