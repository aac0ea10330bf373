using Microsoft.Extensions.Time.Testing;
using Sluice.Grains.Budgets;
using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>A budget grain in memory with the real ledger and recall board.</summary>
internal sealed class LedgerBudget(FakeTimeProvider time, long limit) : IEdgeBudgetGrain
{
    private const long Window = 1;
    private readonly Lock _gate = new();
    private readonly RecallBoard _recalls = new(1_000, TimeSpan.Zero);
    private readonly long _start = time.GetTimestamp() - (10 * time.TimestampFrequency);
    private TaskCompletionSource _recalled = new();
    private BudgetLedger _ledger = new();

    public long Left => _ledger.Left(Terms);

    /// <summary>What edges hold or have spent, lease by lease.</summary>
    public IReadOnlyList<long> Out => [.. _ledger.At(Window).Leases.Select(l => l.Out)];

    private BudgetTerms Terms => new(Window, Window, limit, _recalls.IsRecent(Now));

    private TimeSpan Now => time.GetElapsedTime(_start);

    public Task<BorrowAnswer> BorrowAsync(BorrowRequest request)
    {
        lock (_gate)
        {
            var step = _ledger.Borrow(request, Terms);
            _ledger = step.Next;
            var recall = step.IsShort ? Recall(request) : 0;
            var listens = _ledger.IsWorthRecalling(Terms, step.Lease);
            if (listens)
            {
                _recalls.Expect(LeaseName.Parse(request.Edge).Edge, Now);
            }

            return Task.FromResult(new BorrowAnswer(Window, step.Lease.Amount, Left, limit, null, Declared: true, step.IsDirect, listens, step.IsClosed, recall));
        }
    }

    public Task<ReportAnswer> ReportAsync(LeaseReport report)
    {
        lock (_gate)
        {
            _ledger = _ledger.Take(report);
            var lease = _ledger.At(Window).Find(report.Edge);
            return Task.FromResult(new ReportAnswer(lease is not null && _ledger.IsWorthRecalling(Terms, lease), lease is null));
        }
    }

    public async Task<long> RecalledAsync(string edge, long answered)
    {
        Task recalled;
        lock (_gate)
        {
            if (!_recalls.Listen(edge, answered, Now))
            {
                return _recalls.Number;
            }

            recalled = _recalled.Task;
        }

        await recalled;
        return _recalls.Number;
    }

    private long Recall(BorrowRequest request)
    {
        if (request.Need > Left + _ledger.OutWithOthers(Terms, request.Edge))
        {
            return 0;
        }

        if (request.Recall != _recalls.Number)
        {
            _recalls.Ask(Now);
            var waiting = _recalled;
            _recalled = new TaskCompletionSource();
            _ = Task.Run(waiting.TrySetResult);
        }

        return _recalls.IsUnderWay(Now) ? _recalls.Number : 0;
    }
}
