using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Edge.Metering;

/// <summary>
/// One budget of one subject on this edge: reserves from the lease that the edge has, and asks for a loan when it runs low. See docs/accounting.md.
/// </summary>
internal sealed class BudgetMeter
{
    private static readonly TimeSpan TopUpPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RecallPause = TimeSpan.FromMilliseconds(20);
    private const int KeptTimes = 2;
    private static readonly TimeSpan IdleBound = TimeSpan.FromSeconds(60);
    private readonly MeterContext _context;
    private readonly SpendRate _rate = new();
    private readonly Lock _gate = new();
    private readonly LeaseBook _book;
    private readonly BudgetBorrower _borrower;
    private readonly BudgetReports _reports;
    private long _lowWater;
    private long _topUpAfter;
    private long _usedAt;

    public BudgetMeter(MeterContext context, string budget, string subject, IEdgeBudgetGrain grain)
    {
        (_context, Subject) = (context, subject);
        _book = new LeaseBook(context.NewHolderName);
        _reports = new BudgetReports(context, budget, subject, grain, _book, _gate);
        _borrower = new BudgetBorrower(context, budget, grain, _book, _gate, _rate, _reports.Listen);
        _usedAt = context.Now;
    }

    /// <summary>Whom it binds.</summary>
    public string Subject { get; }

    /// <summary>How long answers to this subject have been.</summary>
    public AnswerSizes Sizes { get; } = new();

    /// <summary>Let go because nobody used it: whoever still refers to it looks it up anew.</summary>
    public bool IsRetired => _borrower.IsRetired;

    /// <summary>Reserves from the lease of the current window. True with no lease: the budget is not declared any more, nothing binds.</summary>
    public bool TryReserve(long count, long now, long revision, out BudgetLease? lease)
    {
        lease = _book.Current;
        if (lease is null)
        {
            return revision <= _borrower.UndeclaredAt;
        }

        if (now >= lease.EndsAt || !lease.Escrow.TryReserve(count))
        {
            return false;
        }

        _rate.Count(count);
        if (lease.Escrow.Free < Volatile.Read(ref _lowWater) && !_book.IsDirect && now >= Volatile.Read(ref _topUpAfter))
        {
            TopUp(now, revision);
        }

        return true;
    }

    /// <summary>Reserves whatever is lent, up to so much above it: for soft budgets, and for those that are open while no silo answers. Null when retired, or when it would be more.</summary>
    public BudgetLease? Force(long count, long upTo, long revision)
    {
        BudgetLease lease;
        lock (_gate)
        {
            if (IsRetired)
            {
                return null;
            }

            lease = _book.Open();

            // Under the lock: only under it a lease is sealed.
            if (!lease.Escrow.TryForce(count, upTo))
            {
                return null;
            }
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

    /// <summary>Ends a reservation: what was used is spent, the rest is free again, and near the budget's end given back.</summary>
    public void Settle(BudgetLease lease, long count, long used)
    {
        lease.Escrow.Settle(count, used);
        if (_book.IsDirect)
        {
            _reports.GiveBack(_borrower.Waiting);
            _borrower.GaveBack(Math.Max(0, count - used));
        }
    }

    /// <summary>
    /// Asks for what a request lacks, and tells whether it is worth another try. Waits as long as a loan takes, at most the bound of a call; and where other edges are asked
    /// for what they hold unused, at most a second for them.
    /// </summary>
    public async Task<Room> MakeRoomAsync(long count, long revision, CancellationToken cancellation)
    {
        if (_borrower.Exhausted is { } known && !Fits(count, known))
        {
            return Room.Spent(known);
        }

        _borrower.Wait(count);
        try
        {
            return await BorrowAsync(count, revision, cancellation);
        }
        finally
        {
            _borrower.Wait(-count);
        }
    }

    /// <summary>What can still be had after an answer of the grain: what is free here, and what it may lend.</summary>
    public long Affordable(BorrowAnswer answer) => Math.Max(0, _book.Current?.Escrow.Free ?? 0) + Math.Max(0, answer.Left);

    /// <summary>Whether others may lack what is held here: what is due is told before that of all other budgets.</summary>
    public bool IsPressing => _book.IsDirect || _book.Listens;

    /// <summary>Takes what was counted into the mean and closes leases whose window is over. Called each second by one owner. True: <see cref="TellAsync"/> is due.</summary>
    public bool Tick(TimeSpan elapsed)
    {
        var now = _context.Now;
        if (_rate.Tick(elapsed))
        {
            Volatile.Write(ref _usedAt, now);
        }

        Volatile.Write(ref _lowWater, (long)(_rate.PerSecond * BudgetBorrower.LowSeconds));
        CloseWhatIsOver(now);
        if (_book.Listens)
        {
            GiveBackWhatIsTooMuch();
            _reports.Listen();
        }

        return IsWindowUnknown || _reports.HasDue;
    }

    /// <summary>Asks for what is not known, and reports.</summary>
    public async Task TellAsync(long revision, CancellationToken cancellation)
    {
        if (IsWindowUnknown)
        {
            await _borrower.JoinOrBorrow(0, revision).Call.WaitAsync(cancellation);
        }

        await _reports.ReportAsync().WaitAsync(cancellation);
    }

    /// <summary>Ends every lease with its last report.</summary>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        if (_book.IsUnanswered)
        {
            await _borrower.JoinOrBorrow(0, revision: 0).Call.WaitAsync(cancellation);
        }

        Task borrowing;
        lock (_gate)
        {
            _borrower.IsRetired = true;
            borrowing = _borrower.Running ?? Task.CompletedTask;
        }

        // What is still on its way belongs to a lease as well.
        await borrowing.WaitAsync(cancellation);
        await _reports.DrainAsync(cancellation);
    }

    /// <summary>Lets go of a meter that holds nothing and was not used for long. False: it is still needed.</summary>
    public bool TryRetire()
    {
        lock (_gate)
        {
            _borrower.IsRetired |= _book.IsEmpty && _borrower.Running is null && IsIdle(_context.Now);
            return _borrower.IsRetired;
        }
    }

    private async Task<Room> BorrowAsync(long count, long revision, CancellationToken cancellation)
    {
        while (true)
        {
            var lease = _book.Current;
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
            var isEnough = (_book.Current?.Escrow.Free ?? 0) >= count || (isOwn ? !loan.IsShort : Fits(count, answer));
            if (!answer.Declared || answer.IsClosed || loan.IsRepeat || isEnough)
            {
                return Room.Made;
            }

            if (answer.Recall != 0)
            {
                await Task.Delay(RecallPause, _context.Time, cancellation);
            }
            else if (isOwn)
            {
                _borrower.RememberExhausted(answer);
                return Room.Spent(answer);
            }
        }
    }

    // Of what others may come to need, no more is kept than demand is likely to need soon.
    private void GiveBackWhatIsTooMuch()
    {
        var keep = Volatile.Read(ref _lowWater) * KeptTimes;
        if (_book.Current is { } lease && lease.Escrow.Free > keep * 2 && _borrower.Waiting == 0)
        {
            _reports.GiveBack(keep);
        }
    }

    private bool IsWindowUnknown => _book.Current is { Window: BudgetLease.UnknownWindow } || _book.IsUnanswered;

    private bool IsIdle(long now) => now - Volatile.Read(ref _usedAt) > _context.Ticks(IdleBound);

    private bool Fits(long count, BorrowAnswer answer) => count <= Affordable(answer);

    private void TopUp(long now, long revision)
    {
        Volatile.Write(ref _topUpAfter, now + _context.Ticks(TopUpPause));
        _ = _borrower.JoinOrBorrow(0, revision);
    }

    private void CloseWhatIsOver(long now)
    {
        lock (_gate)
        {
            var isOver = _book.Current is { Window: not BudgetLease.UnknownWindow } lease
                && ((lease.EndsAt != long.MaxValue && now > lease.EndsAt + _context.Ticks(TopUpPause)) || (IsIdle(now) && !lease.Escrow.IsHeld));
            if (isOver && _borrower.Running is null && !_book.IsUnanswered)
            {
                _book.CloseForGood();
            }
        }
    }
}
