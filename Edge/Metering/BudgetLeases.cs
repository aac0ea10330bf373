using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Edge.Metering;

/// <summary>
/// The leases that this edge has of one budget: the one that requests are charged to now, and those that wait for their last report. What must be
/// decided together with them (a loan on its way, a meter let go of) is decided under <see cref="Gate"/> as well.
/// </summary>
internal sealed class BudgetLeases(MeterContext context, IEdgeBudgetGrain grain)
{
    // Under Gate, as are writes to _current.
    private readonly List<BudgetLease> _closing = [];
    private LeaseHolder? _holder;

    private BudgetLease? _current;
    private bool _isReporting;

    public Lock Gate { get; } = new();

    /// <summary>The lease of the current window; null: none.</summary>
    public BudgetLease? Current => Volatile.Read(ref _current);

    /// <summary>Whether there is no lease, open or closing. Under <see cref="Gate"/>.</summary>
    public bool IsEmpty => _current is null && _closing.Count == 0;

    /// <summary>Under which name loans are asked for. Under <see cref="Gate"/>.</summary>
    public LeaseHolder Holder => _holder ??= new LeaseHolder(context.HolderName());

    /// <summary>The current lease; where there is none, one for a window that the grain has yet to tell. Under <see cref="Gate"/>.</summary>
    public BudgetLease Open()
    {
        var lease = _current ?? new BudgetLease(Holder.Name);
        Volatile.Write(ref _current, lease);
        return lease;
    }

    /// <summary>Takes what was lent, in a new lease where the window is another. Under <see cref="Gate"/>.</summary>
    /// <param name="answer">The grain's.</param>
    /// <param name="endsAt">A timestamp: until then the window is certain.</param>
    public void Take(BorrowAnswer answer, long endsAt)
    {
        if (_current is { } old && old.Window != BudgetLease.UnknownWindow && old.Window != answer.Window)
        {
            Close();
        }

        var lease = _current ?? new BudgetLease(Holder.Name);
        lease.Window = answer.Window;
        lease.EndsAt = endsAt;
        lease.Escrow.Grow(answer.Amount);
        Volatile.Write(ref _current, lease);
    }

    /// <summary>Nothing more is reserved from the current lease. Under <see cref="Gate"/>.</summary>
    public void Close()
    {
        if (_current is { } lease)
        {
            lease.Escrow.Seal();
            _closing.Add(lease);
            Volatile.Write(ref _current, null);
        }
    }

    /// <summary>Closes a lease whose window the grain may know for longer: the next lease has a name of its own, for a closed one is never used again. Under <see cref="Gate"/>.</summary>
    public void CloseForGood()
    {
        Close();
        _holder = null;
        context.LeaseClosed();
    }

    /// <summary>Ends closed leases that nothing is held of any more, and reports what the current one has spent. One round at a time.</summary>
    public async Task ReportAsync(CancellationToken cancellation)
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

            if (Current is { } open && open.Report(close: false) is { } report && report.Spent != open.Reported)
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

    /// <summary>The last report of every lease. What requests still hold counts as spent: the grain must not lend it again.</summary>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        lock (Gate)
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

    private BudgetLease[] Closing()
    {
        lock (Gate)
        {
            return [.. _closing];
        }
    }

    private async Task EndAsync(BudgetLease lease, CancellationToken cancellation)
    {
        if (lease.Report(close: true) is { } report)
        {
            await context.BoundAsync(grain.ReportAsync(report), cancellation);
        }

        lock (Gate)
        {
            _closing.Remove(lease);
        }
    }
}
