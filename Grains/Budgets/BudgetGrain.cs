using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Budgets;

/// <summary>The shell around <see cref="BudgetLedger"/>: gives it the time and the limit, and stores what it says before anyone hears of it.</summary>
/// <remarks>There may be one for each of a million subjects. All that it promises is stored, so it ends when its last lease is closed.</remarks>
[GrainType("budget"), CollectionAgeLimit(Minutes = IdleMinutes)]
internal sealed class BudgetGrain : Grain, IBudgetGrain
{
    // Edges close what they have not used for one.
    private const int IdleMinutes = 2;

    private static readonly TimeSpan ListenLength = TimeSpan.FromSeconds(10);
    private readonly Durable<BudgetLedger> _ledger;
    private readonly TimeProvider _time;
    private readonly DeclaredPolicies _policies;
    private readonly BudgetNews _news;
    private readonly RecallBoard _recalls;
    private readonly long _start;
    private readonly CancellationToken _stopping;
    private TaskCompletionSource _recalled = NewSignal();
    private string _name = "";
    private string _subject = "";
    private DeclaredPolicy<BudgetResource> _declared = null!;

    public BudgetGrain([PersistentState("budget")] IPersistentState<BudgetLedger> ledger, DeclaredPolicies policies, TimeProvider time, IHostApplicationLifetime host, ILogger<BudgetGrain> log)
    {
        (_ledger, _policies, _time, _start, _stopping) = (new(this, ledger), policies, time, time.GetTimestamp(), host.ApplicationStopping);
        _recalls = new RecallBoard(time.GetUtcNow().UtcTicks, TimeSpan.Zero);
        _news = new BudgetNews(GrainFactory, time, log);
    }

    private TimeSpan Now => _time.GetElapsedTime(_start);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (var workspace, _name, _subject) = GrainKeys.Split(this.GetPrimaryKeyString()) is [var first, var name, var subject]
            ? (first, name, subject)
            : throw new InvalidOperationException($"A budget's key is workspace|budget|subject, not '{this.GetPrimaryKeyString()}'.");
        _declared = new(_policies, workspace, BudgetResource.KindName, _name);
        _news.Of(workspace, _name, _subject);
        return Task.CompletedTask;
    }

    public async Task<BorrowAnswer> BorrowAsync(BorrowRequest request)
    {
        if (request.Need < 0 || request.Want < 0 || request.Waiting < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(request), "Need, Want and Waiting are never negative.");
        }

        if (await _declared.AtLeastAsync(request.Revision) is not { } budget)
        {
            return new BorrowAnswer(0, 0, 0, 0, null, Declared: false);
        }

        var now = _time.GetUtcNow();
        var span = BudgetCalendar.Monotone(budget.Window, now, _ledger.Value.Windows);
        var terms = Terms(budget, span) with { IsScarce = _recalls.IsRecent(Now) };
        var step = _ledger.Value.Borrow(request, terms);
        var recall = step.IsShort ? Recall(request, step.Next, terms) : 0;
        var isRefused = step.IsShort && recall == 0 && budget.Mode is BudgetMode.Hard;
        var next = await _news.TellAsync(step.Next, budget, terms, isRefused);
        if (!ReferenceEquals(next, _ledger.Value))
        {
            await StoreAsync(next);
        }

        var listens = next.IsWorthRecalling(terms, step.Lease);
        if (listens)
        {
            _recalls.Expect(LeaseName.Parse(request.Edge).Edge, Now);
        }

        var left = budget.Mode is BudgetMode.Soft ? terms with { Limit = budget.Amount } : terms;
        return new BorrowAnswer(terms.Window, step.Lease.Amount, next.Left(left), next.LimitOf(left), span.End - now, Declared: true)
        {
            IsDirect = step.IsDirect,
            Listen = listens,
            IsClosed = step.IsClosed,
            Recall = recall,
            ResetsIn = BudgetCalendar.ResetsAt(budget.Window, span, next.Windows) - now,
        };
    }

    public async Task<ReportAnswer> ReportAsync(LeaseReport report)
    {
        var next = _ledger.Value.Take(report);
        if (ReferenceEquals(next, _ledger.Value) && next.At(report.Window).Find(report.Edge) is null)
        {
            // Not known here, or closed before: where a cluster is torn another activation may know better, and the edge rests on what it is told.
            next = (await _ledger.ReadAsync()).Take(report);
        }

        BudgetTerms? terms = null;
        if (await _declared.AtLeastAsync(0) is { } budget)
        {
            terms = Terms(budget, BudgetCalendar.Monotone(budget.Window, _time.GetUtcNow(), next.Windows));
            next = await _news.TellAsync(next, budget, terms.Value, isRefused: false);
        }

        if (!ReferenceEquals(next, _ledger.Value))
        {
            await StoreAsync(next);
        }

        if (report.Close && next.Windows.All(static window => window.Leases.IsEmpty))
        {
            // Its end must not wait for those who listen, nor anybody for it.
            Wake();
            DeactivateOnIdle();
        }

        var lease = next.At(report.Window).Find(report.Edge);
        return new ReportAnswer(lease is not null && terms is { } known && next.IsWorthRecalling(known, lease), lease is null);
    }

    public async Task<long> RecalledAsync(string edge, long answered)
    {
        if (_recalls.Listen(edge, answered, Now))
        {
            try
            {
                await _recalled.Task.WaitAsync(ListenLength, _time, _stopping);
            }
            catch (Exception e) when (e is TimeoutException or OperationCanceledException)
            {
                // Nothing was recalled, or the silo stops, which must not wait for those who listen.
                return answered;
            }
        }

        return _recalls.Number;
    }

    public async Task<BudgetStatus?> GetStatusAsync()
    {
        if (await _declared.NowAsync() is not { } budget)
        {
            return null;
        }

        var ledger = _ledger.Value;
        var span = BudgetCalendar.Monotone(budget.Window, _time.GetUtcNow(), ledger.Windows);
        return BudgetView.Of(ledger, budget, _subject, span, Terms(budget, span) with { Limit = budget.Amount });
    }

    public async Task<BudgetStatus?> AddAsync(string id, long amount, string note, Author author)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(amount);
        if (await _declared.NowAsync() is not { } budget)
        {
            return null;
        }

        var now = _time.GetUtcNow();
        var terms = Terms(budget, BudgetCalendar.Monotone(budget.Window, now, _ledger.Value.Windows));
        var next = _ledger.Value.Add(new LedgerTopUp(id, amount, author.Name, now, note), terms);
        if (!ReferenceEquals(next, _ledger.Value))
        {
            await StoreAsync(next);
            await _news.ToppedUpAsync(amount, author);
        }

        return await GetStatusAsync();
    }

    public async Task<LeaseResolution?> ResolveAsync(string edge, long window, long? spent, Author author)
    {
        if (_ledger.Value.At(window).Find(edge) is not { } lease)
        {
            return null;
        }

        var next = _ledger.Value.Resolve(edge, window, spent ?? lease.Out, author.Name, _time.GetUtcNow())!;
        await StoreAsync(next);
        var resolved = BudgetView.Of(next.At(window)).First(r => string.Equals(r.Edge, edge, StringComparison.Ordinal));
        await _news.ResolvedAsync(edge, resolved.Spent, author);
        return resolved;
    }

    private long Recall(BorrowRequest request, BudgetLedger ledger, BudgetTerms terms)
    {
        if (request.Need > ledger.Left(terms) + ledger.OutWithOthers(terms, request.Edge))
        {
            return 0;
        }

        if (request.Recall != _recalls.Number)
        {
            var before = _recalls.Number;
            _recalls.Ask(Now);
            if (_recalls.Number != before)
            {
                Wake();
            }
        }

        return _recalls.IsUnderWay(Now) ? _recalls.Number : 0;
    }

    private async Task StoreAsync(BudgetLedger next)
    {
        try
        {
            await _ledger.WriteAsync(next);
        }
        catch
        {
            // This activation ends, and that must not wait for those who listen.
            Wake();
            throw;
        }
    }

    private void Wake()
    {
        (var waiting, _recalled) = (_recalled, NewSignal());
        waiting.SetResult();
    }

    private static BudgetTerms Terms(BudgetResource budget, BudgetSpan span) => new(span.Start.UtcTicks, span.From.UtcTicks, LimitOf(budget));

    // A soft budget lends without end: it counts and tells, and refuses nobody.
    private static long LimitOf(BudgetResource budget) => budget.Mode is BudgetMode.Hard ? budget.Amount : long.MaxValue / 4;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
