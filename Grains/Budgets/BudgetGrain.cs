using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Budgets;

/// <summary>The shell around <see cref="BudgetLedger"/>: gives it the time and the limit, and stores what it says before anyone hears of it.</summary>
[GrainType("budget")]
internal sealed class BudgetGrain : Grain, IBudgetGrain
{
    private readonly Durable<BudgetLedger> _ledger;
    private readonly TimeProvider _time;
    private readonly ILogger<BudgetGrain> _log;
    private string _workspace = "";
    private string _name = "";
    private string _subject = "";
    private DeclaredPolicy<BudgetResource> _declared = null!;

    public BudgetGrain([PersistentState("budget")] IPersistentState<BudgetLedger> ledger, TimeProvider time, ILogger<BudgetGrain> log) =>
        (_ledger, _time, _log) = (new(this, ledger), time, log);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (_workspace, _name, _subject) = GrainKeys.Split(this.GetPrimaryKeyString()) is [var workspace, var name, var subject]
            ? (workspace, name, subject)
            : throw new InvalidOperationException($"A budget's key is workspace|budget|subject, not '{this.GetPrimaryKeyString()}'.");
        _declared = new(GrainFactory.GetGrain<ICatalogGrain>(_workspace), BudgetResource.KindName, _name);
        return Task.CompletedTask;
    }

    public async Task<BorrowAnswer> BorrowAsync(BorrowRequest request)
    {
        if (request.Need < 0 || request.Want < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(request), "Need and Want are never negative.");
        }

        if (await _declared.AtLeastAsync(request.Revision) is not { } budget)
        {
            return new BorrowAnswer(0, 0, 0, 0, null, Declared: false);
        }

        var now = _time.GetUtcNow();
        var (start, end) = BudgetCalendar.At(budget.Window, now);
        var window = start.UtcTicks;
        var before = _ledger.Value.At(window).Leases.FirstOrDefault(l => string.Equals(l.Edge, request.Edge, StringComparison.Ordinal))?.Amount ?? 0;
        var (next, lease) = _ledger.Value.Borrow(request, window, LimitOf(budget));
        var refused = request.Need > 0 && lease.Amount == before && budget.Mode is BudgetMode.Hard;
        var tell = refused && !next.At(window).ToldExhausted;
        await _ledger.WriteAsync(tell ? next.Told(window) : next);
        if (tell)
        {
            await TellExhaustedAsync();
        }

        return new BorrowAnswer(window, lease.Amount, Math.Max(0, budget.Amount - next.At(window).Committed), budget.Amount, end - now, Declared: true);
    }

    public async Task ReportAsync(LeaseReport report)
    {
        var next = _ledger.Value.Take(report);
        if (!ReferenceEquals(next, _ledger.Value))
        {
            await _ledger.WriteAsync(next);
        }
    }

    public async Task<BudgetStatus?> GetStatusAsync()
    {
        if (await _declared.NowAsync() is not { } budget)
        {
            return null;
        }

        var (start, end) = BudgetCalendar.At(budget.Window, _time.GetUtcNow());
        var window = _ledger.Value.At(start.UtcTicks);
        return new BudgetStatus(
            _name,
            _subject,
            budget.Unit.ToString().ToLowerInvariant(),
            budget.Amount,
            window.Posted,
            window.Overdraft + window.Leases.Sum(l => Math.Max(0, l.Spent - l.Amount)),
            [.. _ledger.Value.Windows.SelectMany(w => w.Leases.Select(l => new EscrowLease(l.Edge, w.Start, l.Amount, l.Spent)))],
            start,
            end);
    }

    // A soft budget lends without end: it counts and tells, and refuses nobody.
    private static long LimitOf(BudgetResource budget) => budget.Mode is BudgetMode.Hard ? budget.Amount : long.MaxValue / 4;

    private async Task TellExhaustedAsync()
    {
        try
        {
            await GrainFactory.GetGrain<IChangeLogGrain>(_workspace).AppendAsync(new NewChange(ChangeKind.BudgetExhausted, $"{_name}/{_subject}", Author.System));
        }
        catch (Exception e)
        {
            _log.LogWarning(e, "Budget {Budget} of {Subject} is exhausted, but the change could not be told.", _name, _subject);
        }
    }
}
