using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Sluice.Edge.Identity;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Metering;

public sealed class ReportRoundsTests : IAsyncDisposable
{
    private const int Users = 1_000;
    private const int MostAtOnce = 128;
    private static readonly Ask TenTokens = new("gpt", 4, 6, null);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly ConcurrentDictionary<string, HeldBudget> _budgets = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _answers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MeteredEdges _edges;
    private int _underWay;
    private int _most;

    public ReportRoundsTests() => _edges = new MeteredEdges(_time);

    public async ValueTask DisposeAsync()
    {
        _answers.TrySetResult();
        await _edges.DisposeAsync();
    }

    [Fact]
    public async Task Reports_of_many_subjects_are_made_some_at_a_time_and_none_is_left_out()
    {
        var edge = _edges.Edge((_, key) => _budgets.GetOrAdd(key, _ => new HeldBudget(this)));
        var revision = MeteredEdge.Revision([], [new BudgetResource(
            "daily", new Subject(SubjectScope.User, Name: null), BudgetUnit.Tokens, 1_000, new BudgetWindow(WindowLength.Day, "UTC"), BudgetMode.Hard, WhenUnreachable.Closed)]);
        await Task.WhenAll(Enumerable.Range(0, Users).Select(async i =>
        {
            var caller = new Caller(new KeyIdentity("acme", "k1", $"u{i}", null, [], "1.ab"));
            (await edge.Meter.AdmitAsync(revision, caller, TenTokens, TestContext.Current.CancellationToken)).Reservation!.Settle(MeteredEdge.Used(1, 2));
        }));

        await edge.StartAsync();
        await edge.MoveUntilAsync(() => Volatile.Read(ref _underWay) > 0);
        await Eventually.HoldsAsync(() => Volatile.Read(ref _underWay) == MostAtOnce);
        _answers.SetResult();
        await Eventually.HoldsAsync(() => _budgets.Values.All(budget => budget.Spent == 3));

        Assert.Equal((Users, MostAtOnce), (_budgets.Count, _most));
        Assert.All(_budgets.Values, budget => Assert.Equal(1, budget.Reports));
    }

    /// <summary>A budget that answers reports when the test lets it.</summary>
    private sealed class HeldBudget(ReportRoundsTests test) : IEdgeBudgetGrain
    {
        private long _spent;
        private int _reports;

        public long Spent => Volatile.Read(ref _spent);

        public int Reports => Volatile.Read(ref _reports);

        public Task<BorrowAnswer> BorrowAsync(BorrowRequest request) => Task.FromResult(new BorrowAnswer(1, 100, 900, 1_000, null, Declared: true));

        public async Task<ReportAnswer> ReportAsync(LeaseReport report)
        {
            var underWay = Interlocked.Increment(ref test._underWay);
            InterlockedMax(ref test._most, underWay);
            await test._answers.Task;
            Interlocked.Decrement(ref test._underWay);
            Interlocked.Increment(ref _reports);
            Volatile.Write(ref _spent, report.Spent);
            return new ReportAnswer(Listen: false, IsClosed: report.Close);
        }

        public Task<long> RecalledAsync(string edge, long answered) => Task.FromException<long>(new NotSupportedException("Nobody is told to listen here."));

        private static void InterlockedMax(ref int most, int value)
        {
            for (var seen = Volatile.Read(ref most); value > seen;)
            {
                seen = Interlocked.CompareExchange(ref most, value, seen) is var was && was == seen ? value : was;
            }
        }
    }
}
