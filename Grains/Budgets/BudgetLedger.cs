using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Grains.Budgets;

/// <summary>
/// The rules of one budget: what is lent to whom, in plain code over immutable state. Invariant I1, asserted at every step: in a hard budget's window, what was posted and
/// what is lent never grow above the limit by a loan. The protocol is described in docs/accounting.md.
/// </summary>
/// <param name="Windows">Newest first. A window that has ended stays while an edge has a lease in it, and for some windows after.</param>
internal sealed record BudgetLedger(ImmutableArray<LedgerWindow> Windows)
{
    private const int KeptWindows = 8;

    public BudgetLedger()
        : this([])
    {
    }

    /// <summary>Lends, after it took the report that came along. An operation that was answered before gets what was lent then: amounts are totals.</summary>
    public (BudgetLedger Next, LedgerLease Lease) Borrow(BorrowRequest request, long windowStart, long limit)
    {
        var ledger = (request.Report is { } report ? Take(report) : this).Open(windowStart);
        var window = ledger.Windows.First(w => w.Start == windowStart);
        var lease = window.Leases.FirstOrDefault(l => Same(l.Edge, request.Edge)) ?? new LedgerLease(request.Edge, 0, 0, 0);
        if (request.Operation > lease.LastOperation)
        {
            lease = lease with { Amount = lease.Amount + Loan(request, window, lease, limit), LastOperation = request.Operation };
        }

        var lent = window with { Leases = [.. window.Leases.Where(l => !Same(l.Edge, request.Edge)), lease] };
        if (lent.Committed > Math.Max(limit, window.Committed))
        {
            throw new InvalidOperationException($"I1 is broken: {lent.Committed} of {limit} would be committed, after {window.Committed}.");
        }

        return (ledger.With(lent), lease);
    }

    /// <summary>Takes a cumulative report. Older ones than the greatest change nothing; a closed lease takes none.</summary>
    public BudgetLedger Take(LeaseReport report)
    {
        var window = Windows.FirstOrDefault(w => w.Start == report.Window);
        var lease = window?.Leases.FirstOrDefault(l => Same(l.Edge, report.Edge));
        if (window is null || lease is null)
        {
            return this;
        }

        var spent = Math.Max(lease.Spent, report.Spent);
        var others = window.Leases.Remove(lease);
        return With(report.Close
            ? window with { Leases = others, Posted = window.Posted + spent, Overdraft = window.Overdraft + Math.Max(0, spent - lease.Amount) }
            : window with { Leases = others.Add(lease with { Spent = spent }) });
    }

    /// <summary>The window, or an empty one.</summary>
    public LedgerWindow At(long start) => Windows.FirstOrDefault(w => w.Start == start) ?? new LedgerWindow(start, 0, 0, [], ToldExhausted: false);

    /// <summary>Notes that the window's end of money was told.</summary>
    public BudgetLedger Told(long start) => Open(start) is var ledger ? ledger.With(ledger.At(start) with { ToldExhausted = true }) : this;

    private static long Loan(BorrowRequest request, LedgerWindow window, LedgerLease lease, long limit)
    {
        var left = Math.Max(0, limit - window.Committed);
        if (request.Need > left)
        {
            return 0;
        }

        // The share shrinks as the end comes near, so that no edge holds what another needs; what a request waits for comes first.
        var edges = window.Leases.Count(l => !ReferenceEquals(l, lease)) + 1;
        return Math.Min(left, Math.Max(request.Need, Math.Min(request.Want, left / (2 * edges))));
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.Ordinal);

    private BudgetLedger Open(long start)
    {
        if (Windows.Any(w => w.Start == start))
        {
            return this;
        }

        var kept = Windows.Where((w, i) => i < KeptWindows || !w.Leases.IsEmpty);
        return new BudgetLedger([.. kept.Append(At(start)).OrderByDescending(w => w.Start)]);
    }

    private BudgetLedger With(LedgerWindow changed) => new([.. Windows.Select(w => w.Start == changed.Start ? changed : w)]);
}

/// <summary>One window of a budget.</summary>
/// <param name="Start">UTC ticks.</param>
/// <param name="Posted">Spent in leases that were closed.</param>
/// <param name="Overdraft">What closed leases had spent above their amounts.</param>
internal sealed record LedgerWindow(long Start, long Posted, long Overdraft, ImmutableArray<LedgerLease> Leases, bool ToldExhausted)
{
    /// <summary>What is spent or may still be: an open lease counts whole, and what it overspent besides.</summary>
    public long Committed => Posted + Leases.Sum(l => Math.Max(l.Amount, l.Spent));
}

/// <summary>What one edge holds.</summary>
/// <param name="Amount">In all.</param>
/// <param name="Spent">The greatest that it reported.</param>
/// <param name="LastOperation">The last borrow that was answered.</param>
internal sealed record LedgerLease(string Edge, long Amount, long Spent, long LastOperation);
