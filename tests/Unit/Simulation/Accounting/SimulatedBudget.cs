using Sluice.Grains.Budgets;
using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Tests.Unit.Simulation.Accounting;

/// <summary>One activation of a budget: the real ledger, calendar and recall board over simulated storage. As the grain does it, without Orleans.</summary>
internal sealed class SimulatedBudget
{
    private static readonly TimeSpan ListenLength = TimeSpan.FromSeconds(1.2);
    private static readonly TimeSpan SilenceBound = TimeSpan.FromSeconds(2);
    private readonly AccountingWorld _world;
    private readonly BudgetAccount _account;
    private readonly Dictionary<string, TimeSpan> _heard = new(StringComparer.Ordinal);
    private RecallBoard _recalls;
    private List<TaskCompletionSource<bool>> _listening = [];
    private readonly GrainTurns _turns = new();
    private BudgetLedger? _ledger;
    private long _etag;
    private long _limit;
    private long _readAt = -1;

    public SimulatedBudget(AccountingWorld world, BudgetAccount account, SimulatedNode node)
    {
        (_world, _account, Node) = (world, account, node);
        _recalls = new RecallBoard(world.WallOf(node).UtcTicks, node.Monotonic);
        if (world.Variant is AccountingVariant.RefundAtLeaseEnd)
        {
            world.Simulator.Start(RefundAlwaysAsync);
        }
    }

    public SimulatedNode Node { get; }

    /// <summary>Null: it failed, and the caller hears nothing.</summary>
    public Task<BorrowAnswer?> BorrowAsync(BorrowRequest request) => _turns.RunAsync(async () =>
    {
        _heard[request.Edge] = Node.Monotonic;
        var ledger = await LedgerAsync();
        request = request.Report is { } told ? request with { Report = Total(told) } : request;
        await FollowAsync(request.Revision);
        var now = _world.WallOf(Node);
        var span = BudgetCalendar.Monotone(_world.Window, now, ledger.Windows);
        var terms = new BudgetTerms(span.Start.UtcTicks, span.From.UtcTicks, _limit, _recalls.IsRecent(Node.Monotonic));
        var step = ledger.Borrow(request, terms);
        var recall = step.IsShort && _world.Variant is not AccountingVariant.NoRecall ? Recall(request, step.Next, terms) : 0;
        if (recall != 0 && _world.Variant is AccountingVariant.RecallBySilence && _recalls.Number == request.Recall)
        {
            step = step with { Next = TakeFromSilent(step.Next, request.Edge) };
        }

        if (!await StoreAsync(step.Next))
        {
            return null;
        }

        var listens = step.Next.IsWorthRecalling(terms, step.Lease);
        if (listens)
        {
            _recalls.Expect(LeaseName.Parse(request.Edge).Edge, Node.Monotonic);
        }

        return new BorrowAnswer(terms.Window, step.Lease.Amount, step.Next.Left(terms), step.Next.LimitOf(terms), span.End - now, Declared: true)
        {
            IsDirect = step.IsDirect,
            Listen = listens,
            IsClosed = step.IsClosed,
            Recall = recall,
        };
    });

    public Task<ReportAnswer?> ReportAsync(LeaseReport report) => _turns.RunAsync(async () =>
    {
        _heard[report.Edge] = Node.Monotonic;
        var ledger = await LedgerAsync();
        var next = ledger.Take(Total(report));
        if (ReferenceEquals(next, ledger) && next.At(report.Window).Find(report.Edge) is null)
        {
            // Not known here: another activation may know better.
            _ledger = null;
            next = (await LedgerAsync()).Take(Total(report));
        }

        var span = BudgetCalendar.Monotone(_world.Window, _world.WallOf(Node), ledger.Windows);
        var lease = next.At(report.Window).Find(report.Edge);
        return await StoreAsync(next)
            ? new ReportAnswer(lease is not null && next.IsWorthRecalling(new BudgetTerms(span.Start.UtcTicks, span.From.UtcTicks, _limit), lease), lease is null)
            : null;
    });

    public async Task<long> RecalledAsync(string edge, long answered)
    {
        if (_recalls.Listen(edge, answered, Node.Monotonic))
        {
            var signal = new TaskCompletionSource<bool>();
            _listening.Add(signal);
            _world.Simulator.Start(async () =>
            {
                await Node.DelayAsync(ListenLength);
                signal.TrySetResult(false);
            });
            return await signal.Task ? _recalls.Number : answered;
        }

        return _recalls.Number;
    }

    /// <summary>An operator's command, or a top-up.</summary>
    public Task<string?> ChangeAsync(Func<BudgetLedger, BudgetTerms, BudgetLedger?> change) => _turns.RunAsync(async () =>
    {
        var ledger = await LedgerAsync();
        var span = BudgetCalendar.Monotone(_world.Window, _world.WallOf(Node), ledger.Windows);
        return change(ledger, new BudgetTerms(span.Start.UtcTicks, span.From.UtcTicks, _limit)) is { } next && await StoreAsync(next) ? "done" : null;
    });

    private async Task<BudgetLedger> LedgerAsync()
    {
        if (_ledger is null)
        {
            (_ledger, _etag) = await _account.Storage.ReadAsync(Node);
        }

        return _ledger;
    }

    private async Task FollowAsync(long revision)
    {
        if (revision > _readAt)
        {
            await Node.DelayAsync(_world.Simulator.Random.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(5)));
            (_readAt, _limit) = (_world.Revision, _account.Limit);
        }
    }

    // What fails in an unknown way ends the activation: the next call finds one that reads what is stored.
    private async Task<bool> StoreAsync(BudgetLedger next)
    {
        if (ReferenceEquals(next, _ledger))
        {
            return true;
        }

        if (_world.Variant is AccountingVariant.AnswerBeforeStoring)
        {
            _ledger = next;
            _world.Simulator.Start(async () =>
            {
                if (await _account.Storage.SwapAsync(Node, _etag, next) is SwapResult.Done)
                {
                    _etag++;
                }
                else
                {
                    _ledger = null;
                }
            });
            return true;
        }

        var etag = _world.Variant is AccountingVariant.NoCompareAndSwap ? (await _account.Storage.ReadAsync(Node)).ETag : _etag;
        if (await _account.Storage.SwapAsync(Node, etag, next) is SwapResult.Done)
        {
            (_ledger, _etag) = (next, etag + 1);
            return true;
        }

        _ledger = null;
        _recalls = new RecallBoard(_world.WallOf(Node).UtcTicks, Node.Monotonic);
        Wake();
        return false;
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
            _recalls.Ask(Node.Monotonic);
            if (_recalls.Number != before)
            {
                Wake();
            }
        }

        return _recalls.IsUnderWay(Node.Monotonic) ? _recalls.Number : 0;
    }

    private void Wake()
    {
        var listening = _listening;
        _listening = [];
        listening.ForEach(l => l.TrySetResult(true));
    }

    private LeaseReport Total(LeaseReport report) => _world.Variant is not AccountingVariant.DifferencesInReports ? report
        : report with { Spent = report.Spent + (_ledger?.At(report.Window).Find(report.Edge)?.Spent ?? 0) };

    private static BudgetLedger TakeFromSilent(BudgetLedger ledger, string asker) => ledger.Windows[0].Leases.Where(l => !l.IsOf(asker))
        .Aggregate(ledger, (next, l) => next.Take(new LeaseReport(l.Edge, ledger.Windows[0].Start, l.Spent, Close: false, l.Amount - l.Spent)));

    private async Task RefundAlwaysAsync()
    {
        while (true)
        {
            await Node.DelayAsync(SilenceBound / 4);
            await _turns.RunAsync<string>(async () =>
            {
                var ledger = await LedgerAsync();
                var silent = ledger.Windows.SelectMany(w => w.Leases.Where(l => Node.Monotonic - _heard.GetValueOrDefault(l.Edge, default) > SilenceBound).Select(l => (w.Start, Lease: l)));
                var next = silent.Aggregate(ledger, (l, s) => l.Take(new LeaseReport(s.Lease.Edge, s.Start, s.Lease.Spent, Close: true)));
                return await StoreAsync(next) ? "" : null;
            });
        }
    }
}
