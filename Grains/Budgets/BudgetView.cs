using Sluice.Grains.Interfaces.Budgets;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Budgets;

/// <summary>What people are shown of a budget.</summary>
internal static class BudgetView
{
    public static BudgetStatus Of(BudgetLedger ledger, BudgetResource budget, string subject, BudgetSpan span, BudgetTerms terms)
    {
        var counting = ledger.Windows.Where(terms.Counts).ToList();
        return new BudgetStatus(
            budget.Name,
            subject,
            budget.Unit.ToString().ToLowerInvariant(),
            ledger.LimitOf(terms),
            counting.Sum(w => w.Posted),
            counting.Sum(w => w.Overdraft + w.Leases.Sum(l => Math.Max(0, l.Spent - l.Out))),
            [.. ledger.Windows.SelectMany(w => w.Leases.Select(l => new EscrowLease(l.Edge, w.Start, l.Out, l.Spent)))],
            span.Start,
            span.End,
            ledger.Left(terms),
            [.. counting.SelectMany(w => w.TopUps).Select(t => new BudgetTopUp(t.Id, t.Amount, t.By, t.At, t.Note))],
            [.. ledger.Windows.SelectMany(Of)]);
    }

    /// <summary>The leases of a window that were closed without their owners.</summary>
    public static IEnumerable<LeaseResolution> Of(LedgerWindow window) =>
        window.Resolved.Select(r => new LeaseResolution(r.Edge, window.Start, r.Amount, r.Reported, r.Spent, r.By, r.At));
}
