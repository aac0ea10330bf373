using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Grains.Budgets;

/// <summary>
/// The rules of one budget: what is lent to whom, in plain code over immutable state. Invariant I1, asserted at every loan: what was posted and what is out never grow above
/// the limit by a loan. I3: a lease closes once, and its name is never lent to again. The protocol is described in docs/accounting.md.
/// </summary>
/// <param name="Windows">Newest first. A window stays while it counts or an edge has a lease in it, and for some windows after.</param>
internal sealed record BudgetLedger(ImmutableArray<LedgerWindow> Windows)
{
    private const int KeptWindows = 8;

    // A lease that holds less than this part of the limit is not worth a call that is held open: eight such strand one percent.
    private const int WorthPart = 800;

    // With less than a sixty-fourth of the limit left, nothing is lent ahead of need.
    private const int DirectPart = 64;

    public BudgetLedger()
        : this([])
    {
    }

    /// <summary>Lends, after it took the report that came along. An operation that was answered before gets what was lent then: amounts are totals.</summary>
    public LoanStep Borrow(BorrowRequest request, BudgetTerms terms)
    {
        var ledger = request.Report is { } report ? Take(report) : this;
        var window = ledger.At(terms.Window);
        var name = LeaseName.Parse(request.Edge);
        var known = window.Find(request.Edge);
        if (known is null && ledger.Windows.Any(w => w.HasEnded(name)))
        {
            return new LoanStep(ledger, new LedgerLease(request.Edge, 0, 0, 0, 0), Lent: 0, ledger.IsDirect(terms), IsShort: false, IsClosed: true);
        }

        var lease = known ?? new LedgerLease(request.Edge, 0, 0, 0, 0);
        var isRepeat = request.Operation <= lease.LastOperation;
        var before = ledger.Committed(terms);
        var loan = isRepeat ? 0 : ledger.Loan(request, terms, window.Leases.Length + (known is null ? 1 : 0));
        if (loan == 0)
        {
            // Nothing was lent, so there is nothing to remember: the refused cost no write.
            return new LoanStep(ledger, lease, Lent: 0, ledger.IsDirect(terms), IsShort: request.Need > 0 && !isRepeat, IsClosed: false);
        }

        lease = lease with { Amount = lease.Amount + loan, LastOperation = request.Operation };
        ledger = ledger.Open(terms);
        ledger = ledger.With(ledger.At(terms.Window).Put(lease));
        if (ledger.Committed(terms) > Math.Max(ledger.LimitOf(terms), before))
        {
            throw new InvalidOperationException($"I1 is broken: {ledger.Committed(terms)} of {ledger.LimitOf(terms)} would be committed, after {before}.");
        }

        return new LoanStep(ledger, lease, loan, ledger.IsDirect(terms), IsShort: false, IsClosed: false);
    }

    /// <summary>Takes a cumulative report. Smaller figures than the greatest change nothing. A lease that was resolved meanwhile takes what its owner tells: usage is a fact.</summary>
    public BudgetLedger Take(LeaseReport report)
    {
        // What is still open under the name was lent by answers that never arrived.
        var unknown = report is { Close: true, IsLast: true } ? Windows.Where(w => w.Start != report.Window && w.Find(report.Edge) is not null) : [];
        return unknown.Aggregate(this, (ledger, window) => ledger.With(window.End(window.Find(report.Edge)!))).TakeOne(report);
    }

    /// <summary>Closes a lease whose owner is lost, with a figure that somebody answers for; null where there is no such lease.</summary>
    public BudgetLedger? Resolve(string edge, long windowStart, long spent, string author, DateTimeOffset at)
    {
        var window = Windows.FirstOrDefault(w => w.Start == windowStart);
        return window?.Find(edge) is not { } lease ? null
            : With(window.End(lease with { Spent = Math.Max(lease.Spent, spent) }) with
            {
                Resolved = window.Resolved.Add(new ResolvedLease(edge, lease.Amount - lease.Returned, lease.Spent, Math.Max(lease.Spent, spent), author, at)),
            });
    }

    /// <summary>Adds to the current window's amount, once for each id.</summary>
    public BudgetLedger Add(LedgerTopUp topUp, BudgetTerms terms)
    {
        if (Windows.Any(w => w.TopUps.Any(t => string.Equals(t.Id, topUp.Id, StringComparison.Ordinal))))
        {
            return this;
        }

        var ledger = Open(terms);
        var window = ledger.At(terms.Window);
        return ledger.With(window with { TopUps = window.TopUps.Add(topUp), ToldExhausted = false });
    }

    /// <summary>The window, or an empty one.</summary>
    public LedgerWindow At(long start)
    {
        foreach (var window in Windows)
        {
            if (window.Start == start)
            {
                return window;
            }
        }

        return LedgerWindow.Empty(start);
    }

    /// <summary>Notes that the window's end of money was told.</summary>
    public BudgetLedger Told(BudgetTerms terms) => Open(terms) is var ledger ? ledger.With(ledger.At(terms.Window) with { ToldExhausted = true }) : this;

    /// <summary>Notes that a share of the budget was told as spent, in percent.</summary>
    public BudgetLedger Warned(BudgetTerms terms, int percent) => Open(terms) is var ledger ? ledger.With(ledger.At(terms.Window) with { Warned = percent }) : this;

    /// <summary>What is spent or may still be, over all windows that count.</summary>
    public long Committed(BudgetTerms terms)
    {
        var sum = 0L;
        foreach (var window in Windows)
        {
            sum += terms.Counts(window) ? window.Committed : 0;
        }

        return sum;
    }

    /// <summary>What is known to be spent, over all windows that count.</summary>
    public long Spent(BudgetTerms terms)
    {
        var sum = 0L;
        foreach (var window in Windows)
        {
            sum += terms.Counts(window) ? window.Spent : 0;
        }

        return sum;
    }

    /// <summary>The limit with what was added to it.</summary>
    public long LimitOf(BudgetTerms terms)
    {
        var sum = terms.Limit;
        foreach (var window in Windows)
        {
            sum += terms.Counts(window) ? window.Added : 0;
        }

        return sum;
    }

    /// <summary>What can still be lent.</summary>
    public long Left(BudgetTerms terms) => Math.Max(0, LimitOf(terms) - Committed(terms));

    /// <summary>What holders other than one may have unused, as far as they told.</summary>
    public long OutWithOthers(BudgetTerms terms, string edge) =>
        Windows.Where(terms.Counts).Sum(w => w.Leases.Where(l => !l.IsOf(edge) || w.Start != terms.Window).Sum(l => Math.Max(0, l.Out - l.Spent)));

    /// <summary>The end is near, or others lack what they need: loans are for requests that wait.</summary>
    public bool IsDirect(BudgetTerms terms) => terms.IsScarce || Left(terms) < Math.Max(1, LimitOf(terms) / DirectPart);

    /// <summary>Whether others may come to need what a lease holds unused.</summary>
    public bool IsWorthRecalling(BudgetTerms terms, LedgerLease lease) =>
        lease.Out - lease.Spent > LimitOf(terms) / WorthPart || Left(terms) < LimitOf(terms) / 8;

    private BudgetLedger TakeOne(LeaseReport report)
    {
        var window = At(report.Window);
        if (window.Find(report.Edge) is { } lease)
        {
            var told = lease.Told(report);
            return report.Close ? With(window.End(told)) : told == lease ? this : With(window.Put(told));
        }

        if (window.Resolved.FirstOrDefault(r => r.IsOf(report.Edge)) is { } resolved)
        {
            return report.Close || report.Spent > resolved.Spent ? With(window.Correct(resolved, report)) : this;
        }

        var name = LeaseName.Parse(report.Edge);
        if (Windows.Any(w => w.HasEnded(name)) || (report.Spent == 0 && !report.Close))
        {
            return this;
        }

        // Never lent to. What was spent all the same, by force, is a fact and counts; and the name of a closed one ends, for a wish under it may still be on its way.
        var forced = new LedgerLease(report.Edge, 0, 0, 0, 0).Told(report);
        var opened = Open(report.Window, from: long.MinValue);
        return report.Spent == 0 ? opened.With(window.EndName(report.Edge))
            : opened.With(report.Close ? window.End(forced) : window.Put(forced));
    }

    private long Loan(BorrowRequest request, BudgetTerms terms, int edges)
    {
        var left = Left(terms);
        if (request.Need > left)
        {
            return 0;
        }

        // The share shrinks as the end comes near, so that no edge holds what another needs. At the end it is what requests wait for; where that is more than is
        // left, one request at a time: nobody knows which of them the rest would cover, and it would lie unused here while another edge refuses.
        var welcome = !IsDirect(terms) ? Math.Min(request.Want, left / (2 * edges)) : request.Waiting <= left ? request.Waiting : request.Need;
        return Math.Min(left, Math.Max(request.Need, welcome));
    }

    private BudgetLedger Open(BudgetTerms terms) => Open(terms.Window, terms.From);

    private BudgetLedger Open(long start, long from)
    {
        if (Windows.Any(w => w.Start == start))
        {
            return this;
        }

        var kept = Windows.Where((w, i) => i < KeptWindows || w.Start >= from || !w.Leases.IsEmpty);
        return new BudgetLedger([.. kept.Append(LedgerWindow.Empty(start)).OrderByDescending(w => w.Start)]);
    }

    private BudgetLedger With(LedgerWindow changed)
    {
        var index = 0;
        while (Windows[index].Start != changed.Start)
        {
            index++;
        }

        return new BudgetLedger(Windows.SetItem(index, changed));
    }
}

/// <summary>What binds at a moment.</summary>
/// <param name="Window">The current window's start in UTC ticks.</param>
/// <param name="From">The start of the oldest window that counts: the current one, but for rolling windows.</param>
/// <param name="Limit">As declared, in the budget's unit.</param>
/// <param name="IsScarce">Others were lately asked for what they hold unused: nothing is lent ahead of need.</param>
internal readonly record struct BudgetTerms(long Window, long From, long Limit, bool IsScarce = false)
{
    /// <summary>Whether what happened in a window counts now.</summary>
    public bool Counts(LedgerWindow window) => window.Start >= From && window.Start <= Window;
}

/// <summary>What became of a wish for escrow.</summary>
/// <param name="Next">To be stored before the answer goes out.</param>
/// <param name="Lease">As it is then.</param>
/// <param name="Lent">By this step.</param>
/// <param name="IsDirect">The end is near: loans are for requests that wait.</param>
/// <param name="IsShort">A request waits for more than can be lent.</param>
/// <param name="IsClosed">The holder's lease has ended: it is never lent to again.</param>
internal sealed record LoanStep(BudgetLedger Next, LedgerLease Lease, long Lent, bool IsDirect, bool IsShort, bool IsClosed);
