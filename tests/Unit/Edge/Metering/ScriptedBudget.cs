using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Tests.Unit.Edge.Metering;

/// <summary>A budget grain in memory that asserts I1 at every step and can be made to fail: in the way that docs/accounting.md describes.</summary>
internal sealed class ScriptedBudget(long limit) : IEdgeBudgetGrain
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Edge, long Window), (long Amount, long Spent)> _leases = [];
    private readonly HashSet<(string Edge, long Window)> _closed = [];
    private readonly Dictionary<long, long> _posted = [];

    public long Window { get; set; } = 1;

    public TimeSpan? WindowEndsIn { get; set; }

    public bool IsDeclared { get; set; } = true;

    public bool IsUnreachable { get; set; }

    public int Borrows { get; private set; }

    public int Reports { get; private set; }

    public int OpenLeases => _leases.Count;

    /// <summary>Spent in closed leases, by window.</summary>
    public long Posted(long window) => _posted.GetValueOrDefault(window);

    /// <summary>Posted and reported in open leases, by window.</summary>
    public long Known(long window) => Posted(window) + _leases.Where(lease => lease.Key.Window == window).Sum(lease => lease.Value.Spent);

    public Task<BorrowAnswer> BorrowAsync(BorrowRequest request)
    {
        lock (_gate)
        {
            Borrows++;
            if (IsUnreachable)
            {
                return Task.FromException<BorrowAnswer>(new TimeoutException());
            }

            if (!IsDeclared)
            {
                return Task.FromResult(new BorrowAnswer(0, 0, 0, 0, null, Declared: false));
            }

            if (request.Report is { } report)
            {
                Enter(report);
            }

            Assert.DoesNotContain((request.Edge, Window), _closed);
            var lease = _leases.GetValueOrDefault((request.Edge, Window));
            var left = Left();
            var fair = Math.Min(request.Want, left / 4);
            var lent = left < request.Need ? 0 : Math.Max(request.Need, fair);
            _leases[(request.Edge, Window)] = lease with { Amount = lease.Amount + lent };
            Assert.True(Left() >= 0, "I1");
            return Task.FromResult(new BorrowAnswer(Window, lease.Amount + lent, Left(), limit, WindowEndsIn, Declared: true) { ResetsIn = WindowEndsIn });
        }
    }

    public Task<ReportAnswer> ReportAsync(LeaseReport report)
    {
        lock (_gate)
        {
            Reports++;
            if (IsUnreachable)
            {
                return Task.FromException<ReportAnswer>(new TimeoutException());
            }

            Enter(report);
            return Task.FromResult(new ReportAnswer(Listen: false, _closed.Contains((report.Edge, report.Window))));
        }
    }

    public Task<long> RecalledAsync(string edge, long answered) => Task.FromException<long>(new NotSupportedException("Nobody is told to listen here."));

    private void Enter(LeaseReport report)
    {
        if (!_leases.TryGetValue((report.Edge, report.Window), out var lease))
        {
            return;
        }

        lease.Spent = Math.Max(lease.Spent, report.Spent);
        _leases[(report.Edge, report.Window)] = lease;
        if (report.Close)
        {
            _leases.Remove((report.Edge, report.Window));
            _closed.Add((report.Edge, report.Window));
            _posted[report.Window] = Posted(report.Window) + lease.Spent;
        }
    }

    private long Left() => limit - Posted(Window) - _leases.Where(lease => lease.Key.Window == Window).Sum(lease => Math.Max(lease.Value.Amount, lease.Value.Spent));
}
