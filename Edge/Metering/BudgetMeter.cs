using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Edge.Metering;

/// <summary>
/// One budget of one subject on this edge: reserves from the lease that the edge has, and asks for a loan when it runs low. See docs/accounting.md.
/// </summary>
internal sealed class BudgetMeter
{
    private static readonly TimeSpan TopUpPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan IdleBound = TimeSpan.FromSeconds(60);
    private readonly MeterContext _context;
    private readonly SpendRate _rate = new();
    private readonly BudgetLeases _leases;
    private readonly BudgetBorrower _borrower;
    private long _lowWater;
    private long _topUpAfter;
    private long _usedAt;

    public BudgetMeter(MeterContext context, string budget, string subject, IEdgeBudgetGrain grain)
    {
        (_context, Subject) = (context, subject);
        _leases = new BudgetLeases(context, grain);
        _borrower = new BudgetBorrower(context, budget, grain, _leases, _rate);
        _usedAt = context.Now;
    }

    /// <summary>Whom it binds.</summary>
    public string Subject { get; }

    /// <summary>Let go because nobody used it: whoever still refers to it looks it up anew.</summary>
    public bool IsRetired => _borrower.IsRetired;

    /// <summary>Reserves from the lease of the current window. True with no lease: the budget is not declared any more, nothing binds.</summary>
    public bool TryReserve(long count, long now, long revision, out BudgetLease? lease)
    {
        lease = _leases.Current;
        if (lease is null)
        {
            return revision <= _borrower.UndeclaredAt;
        }

        if (now >= lease.EndsAt || !lease.Escrow.TryReserve(count))
        {
            return false;
        }

        _rate.Count(count);
        if (lease.Escrow.Free < Volatile.Read(ref _lowWater) && now >= Volatile.Read(ref _topUpAfter))
        {
            TopUp(now, revision);
        }

        return true;
    }

    /// <summary>Reserves whatever is lent: for soft budgets, and for those that are open while no silo answers. Null only when retired.</summary>
    public BudgetLease? Force(long count, long revision)
    {
        BudgetLease lease;
        lock (_leases.Gate)
        {
            if (IsRetired)
            {
                return null;
            }

            lease = _leases.Open();

            // Under the lock: only under it a lease is sealed.
            lease.Escrow.TryForce(count);
        }

        _rate.Count(count);
        var now = _context.Now;
        if (now >= lease.EndsAt || now >= Volatile.Read(ref _topUpAfter))
        {
            // Where the window is over or not known, each request asks, one at a time: it is charged to what is known until the answer.
            TopUp(now, revision);
        }

        return lease;
    }

    /// <summary>Asks for what a request lacks, and tells whether it is worth another try. Waits as long as a loan takes, at most the bound of a call.</summary>
    public async Task<Room> MakeRoomAsync(long count, long revision, CancellationToken cancellation)
    {
        if (_borrower.Exhausted is { } known && !Fits(count, known))
        {
            return Room.Spent(known);
        }

        var lease = _leases.Current;
        var free = lease is null || _context.Now >= lease.EndsAt ? 0 : Math.Max(0, lease.Escrow.Free);
        var (call, isOwn) = _borrower.JoinOrBorrow(Math.Max(1, count - free), revision);
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
        var isShort = isOwn && loan.IsShort && (_leases.Current?.Escrow.Free ?? 0) < count;
        if (!answer.Declared || loan.IsRepeat || (Fits(count, answer) && !isShort))
        {
            return Room.Made;
        }

        _borrower.RememberExhausted(answer);
        return Room.Spent(answer);
    }

    /// <summary>Takes what was counted into the mean, tops up, reports, and closes leases whose window is over. Called each second by one owner.</summary>
    public async Task UpkeepAsync(TimeSpan elapsed, long revision, CancellationToken cancellation)
    {
        var now = _context.Now;
        if (_rate.Tick(elapsed))
        {
            Volatile.Write(ref _usedAt, now);
        }

        Volatile.Write(ref _lowWater, (long)(_rate.PerSecond * BudgetBorrower.LowSeconds));
        CloseWhatIsOver(now);
        if (_leases.Current is { Window: BudgetLease.UnknownWindow })
        {
            await _borrower.JoinOrBorrow(0, revision).Call.WaitAsync(cancellation);
        }

        await _leases.ReportAsync(cancellation);
    }

    /// <summary>Ends every lease with its last report.</summary>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        Task borrowing;
        lock (_leases.Gate)
        {
            _borrower.IsRetired = true;
            borrowing = _borrower.Running ?? Task.CompletedTask;
        }

        // What is still on its way belongs to a lease as well.
        await borrowing.WaitAsync(cancellation);
        await _leases.DrainAsync(cancellation);
    }

    /// <summary>Lets go of a meter that holds nothing and was not used for long. False: it is still needed.</summary>
    public bool TryRetire()
    {
        lock (_leases.Gate)
        {
            _borrower.IsRetired |= _leases.IsEmpty && _borrower.Running is null && IsIdle(_context.Now);
            return _borrower.IsRetired;
        }
    }

    private bool IsIdle(long now) => now - Volatile.Read(ref _usedAt) > _context.Ticks(IdleBound);

    private bool Fits(long count, BorrowAnswer answer) => count <= Math.Max(0, _leases.Current?.Escrow.Free ?? 0) + Math.Max(0, answer.Left);

    private void TopUp(long now, long revision)
    {
        Volatile.Write(ref _topUpAfter, now + _context.Ticks(TopUpPause));
        _ = _borrower.JoinOrBorrow(0, revision);
    }

    private void CloseWhatIsOver(long now)
    {
        lock (_leases.Gate)
        {
            var isOver = _leases.Current is { Window: not BudgetLease.UnknownWindow } lease
                && ((lease.EndsAt != long.MaxValue && now > lease.EndsAt + _context.Ticks(TopUpPause)) || (IsIdle(now) && !lease.Escrow.IsHeld));
            if (isOver && _borrower.Running is null)
            {
                _leases.CloseForGood();
            }
        }
    }
}
