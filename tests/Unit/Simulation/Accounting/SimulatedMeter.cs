using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Tests.Unit.Simulation.Accounting;

/// <summary>One budget on one edge: the real book of leases and the real escrow, with calls over the simulated network. As the edge does it, without tasks and clocks of its own.</summary>
internal sealed class SimulatedMeter
{
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UpkeepEvery = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan TopUpPause = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan RecallPause = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan ExhaustionKept = TimeSpan.FromMilliseconds(250);
    private const double Certain = 0.999;
    private readonly AccountingWorld _world;
    private readonly SimulatedEdge _edge;
    private readonly SpendRate _rate = new();
    private readonly SimulatedReports _reports;
    private readonly List<TaskCompletionSource<Loan>> _forLoan = [];
    private bool _isBorrowing;
    private (BorrowAnswer Answer, TimeSpan Until)? _exhausted;
    private (BudgetLease Lease, long Free)? _looked;
    private bool _isDrained;
    private long _waiting;
    private long _lowWater;
    private TimeSpan _topUpAfter;
    private int _used;

    public SimulatedMeter(AccountingWorld world, SimulatedEdge edge, BudgetAccount account)
    {
        (_world, _edge, Account) = (world, edge, account);
        Book = new LeaseBook(edge.NewName);
        _reports = new SimulatedReports(world, edge, account, Book);
        world.Simulator.Start(UpkeepAsync);
    }

    public BudgetAccount Account { get; }

    public LeaseBook Book { get; }

    /// <summary>Whether the last refusal was the grain's answer, and not one that was remembered.</summary>
    public bool IsFresh { get; private set; }

    private SimulatedNode Node => _edge.Node;

    /// <summary>Reserves from the lease of the current window.</summary>
    public BudgetLease? TryReserve(long count)
    {
        if (Book.Current is not { } lease || Node.Monotonic.Ticks >= lease.EndsAt || _isDrained)
        {
            return null;
        }

        if (_world.Variant is AccountingVariant.CheckThenAct)
        {
            if (Look(lease) < count || !lease.Escrow.TryForce(count))
            {
                return null;
            }
        }
        else if (!lease.Escrow.TryReserve(count))
        {
            return null;
        }

        _used++;
        _rate.Count(count);
        if (lease.Escrow.Free < _lowWater && !Book.IsDirect && Node.Monotonic >= _topUpAfter)
        {
            _topUpAfter = Node.Monotonic + TopUpPause;
            BeginLoan(0);
        }

        return lease;
    }

    /// <summary>A request that was admitted has ended.</summary>
    public void Settle(BudgetLease lease, long count, long used) => End(lease, count, _world.Variant is AccountingVariant.SettleWithoutRelease ? Math.Max(count, used) : used);

    /// <summary>Another level refused the request.</summary>
    public void Release(BudgetLease lease, long count)
    {
        if (_world.Variant is not AccountingVariant.RefusalKeepsOtherLevels)
        {
            End(lease, count, 0);
        }
    }

    private void End(BudgetLease lease, long count, long used)
    {
        lease.Escrow.Settle(count, used);
        if (Book.IsDirect)
        {
            _reports.GiveBack(_waiting);
        }
    }

    /// <summary>True: it is worth another try. Null: no grain answered.</summary>
    public async Task<bool?> MakeRoomAsync(long count)
    {
        if (_exhausted is { } known && Node.Monotonic < known.Until && !Fits(count, known.Answer))
        {
            IsFresh = false;
            return false;
        }

        _waiting += count;
        try
        {
            while (!_isDrained)
            {
                var lease = Book.Current;
                var free = lease is null || Node.Monotonic.Ticks >= lease.EndsAt ? 0 : Math.Max(0, lease.Escrow.Free);
                var isOwn = !_isBorrowing;
                var loan = await Borrow(Math.Max(1, count - free));
                if (loan.Answer is not { } answer)
                {
                    return null;
                }

                var isEnough = (Book.Current?.Escrow.Free ?? 0) >= count || (isOwn ? !loan.IsShort : Fits(count, answer));
                if (answer.IsClosed || loan.IsRepeat || isEnough)
                {
                    return true;
                }

                if (answer.Recall != 0)
                {
                    await Node.DelayAsync(RecallPause);
                }
                else if (isOwn)
                {
                    _exhausted = (answer, Node.Monotonic + ExhaustionKept);
                    IsFresh = true;
                    return false;
                }
            }

            return null;
        }
        finally
        {
            _waiting -= count;
        }
    }

    /// <summary>The edge ends: the last reports, until they are answered.</summary>
    public async Task DrainAsync()
    {
        (_isDrained, _reports.IsEnded) = (true, true);
        for (var tries = 0; tries < 30 && (_isBorrowing || Book.IsUnanswered); tries++)
        {
            await Borrow(0);
        }

        foreach (var report in Book.Drain())
        {
            var told = report;
            if (_world.Variant is AccountingVariant.DrainForgetsReserved)
            {
                told = report with { Spent = _edge.SettledOf(Account, report.Edge, report.Window) };
            }

            var settled = _edge.SettledOf(Account, report.Edge, report.Window);
            for (var tries = 0; tries < 30 && await _reports.SendAsync(told) is null; tries++)
            {
                await Node.DelayAsync(UpkeepEvery);
            }

            _world.History.Drained(Account, told, settled);
        }
    }

    // What was free a moment ago.
    private long Look(BudgetLease lease)
    {
        if (_looked is not { } looked || looked.Lease != lease)
        {
            _looked = looked = (lease, lease.Escrow.Free);
            _world.Simulator.After(TimeSpan.FromMilliseconds(2), () => _looked = null);
        }

        return looked.Free;
    }

    private bool Fits(long count, BorrowAnswer answer) => count <= Math.Max(0, Book.Current?.Escrow.Free ?? 0) + Math.Max(0, answer.Left);

    // The loan that is on its way, or a new one.
    private Task<Loan> Borrow(long need)
    {
        var end = new TaskCompletionSource<Loan>();
        _forLoan.Add(end);
        BeginLoan(need);
        return end.Task;
    }

    private void BeginLoan(long need)
    {
        if (!_isBorrowing)
        {
            _isBorrowing = true;
            _world.Simulator.Start(async () =>
            {
                var loan = await AskAsync(need);
                var waiting = _forLoan.ToArray();
                _forLoan.Clear();
                _isBorrowing = false;
                Array.ForEach(waiting, w => w.SetResult(loan));
            });
        }
    }

    private async Task<Loan> AskAsync(long need)
    {
        var now = Node.Monotonic;
        var mean = (long)(_rate.PerSecond * 2);
        var request = Book.Ask(need, Math.Max(need, mean), Math.Max(need, _waiting), _edge.Revision);
        if (_world.Variant is AccountingVariant.DifferencesInReports && request.Report is not null)
        {
            request = request with { Report = null };
        }

        var grain = Account.Any();
        var answer = await _world.Network.CallAsync(Node, grain.Node, () => grain.BorrowAsync(request), CallBound);
        if (answer is not { Came: true, Value: { } lent })
        {
            Book.Unanswered();
            return new Loan(null, IsRepeat: true, IsShort: true);
        }

        var from = _world.Variant is AccountingVariant.WindowFromReceipt ? Node.Monotonic : now;
        var loan = Book.Answered(request, lent, now.Ticks, lent.WindowEndsIn is { } rest ? (from + (rest * Certain)).Ticks : long.MaxValue);
        if (!loan.IsShort)
        {
            _exhausted = null;
        }

        _world.Simulator.Note("lent", request.Edge, lent.Amount);
        _world.History.Lent(_edge, this);
        _reports.Listen();
        return loan;
    }

    private async Task UpkeepAsync()
    {
        while (!_isDrained)
        {
            await Node.DelayAsync(UpkeepEvery);
            _rate.Tick(UpkeepEvery);
            _lowWater = (long)(_rate.PerSecond * 2);
            var isOver = Book.Current is { Window: not BudgetLease.UnknownWindow } lease && lease.EndsAt != long.MaxValue && Node.Monotonic.Ticks > lease.EndsAt;
            var isIdle = _used == 0 && Book.Current is { Escrow.IsHeld: false } && _world.Simulator.Random.Happens(0.3);
            if ((isOver || isIdle) && !_isBorrowing && !Book.IsUnanswered && !_isDrained)
            {
                Book.CloseForGood();
            }

            if (Book.IsUnanswered && !_isBorrowing)
            {
                await Borrow(0);
            }

            _used = 0;
            if (Book.Listens)
            {
                if (Book.Current!.Escrow.Free > _lowWater * 4 && _waiting == 0)
                {
                    _reports.GiveBack(_lowWater * 2);
                }

                _reports.Listen();
            }

            await _reports.ReportAsync();
        }
    }
}
