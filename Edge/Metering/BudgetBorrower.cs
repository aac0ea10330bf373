using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Edge.Metering;

/// <summary>What became of a loan.</summary>
/// <param name="Answer">Null: no silo answered in time.</param>
/// <param name="IsRepeat">The operation was asked before: the answer may be of then.</param>
/// <param name="IsShort">Less was lent than was needed.</param>
internal sealed record Loan(BorrowAnswer? Answer, bool IsRepeat, bool IsShort);

/// <summary>Asks the grain of one budget for loans: one at a time, shared by all who wait. See docs/accounting.md, "Protocol".</summary>
internal sealed class BudgetBorrower(MeterContext context, string budget, IEdgeBudgetGrain grain, BudgetLeases leases, SpendRate rate)
{
    /// <summary>Below so many seconds of demand a lease is topped up: as long as loans may cease while a silo is lost.</summary>
    public const double LowSeconds = 8;

    private const double SecondsOfDemand = 4;
    private static readonly TimeSpan ExhaustionKept = TimeSpan.FromMilliseconds(250);
    private static readonly Task<Loan> RetiredLoan = Task.FromResult(new Loan(null, IsRepeat: true, IsShort: true));

    // Under the leases' gate.
    private Task<Loan>? _running;
    private long _lastWant;

    private Exhaustion? _exhaustion;
    private long _undeclaredAt = -1;
    private bool _isRetired;

    /// <summary>The answer that lately lent less than was needed, so that not every refused request asks again; null: none.</summary>
    public BorrowAnswer? Exhausted => Volatile.Read(ref _exhaustion) is { } known && context.Now < known.Until ? known.Answer : null;

    /// <summary>The latest revision under which the grain knew no such budget; -1: none.</summary>
    public long UndeclaredAt => Volatile.Read(ref _undeclaredAt);

    /// <summary>Whether no loan is asked for any more. Set under the leases' gate.</summary>
    public bool IsRetired
    {
        get => Volatile.Read(ref _isRetired);
        set => Volatile.Write(ref _isRetired, value);
    }

    /// <summary>The loan that is on its way; null: none. Under the leases' gate.</summary>
    public Task<Loan>? Running => _running;

    /// <summary>Keeps an answer for <see cref="Exhausted"/>, for a quarter of a second or until the next loan.</summary>
    public void RememberExhausted(BorrowAnswer answer) => Volatile.Write(ref _exhaustion, new Exhaustion(answer, context.Now + context.Ticks(ExhaustionKept)));

    /// <summary>The loan that is on its way, or a new one.</summary>
    /// <param name="need">What a waiting request lacks; 0: a top-up ahead of need.</param>
    /// <param name="revision">The revision that the edge runs.</param>
    public (Task<Loan> Call, bool IsOwn) JoinOrBorrow(long need, long revision)
    {
        lock (leases.Gate)
        {
            if (_running is { } running)
            {
                return (running, false);
            }

            if (IsRetired)
            {
                return (RetiredLoan, false);
            }

            _running = AskAsync(need, revision);
            return (_running, true);
        }
    }

    private async Task<Loan> AskAsync(long need, long revision)
    {
        // Off the caller's lock at once.
        await Task.Yield();
        var asked = context.Now;
        LeaseHolder holder;
        BorrowRequest request;
        bool isRepeat;
        lock (leases.Gate)
        {
            // Twice the last wish when that was not enough for long: the mean lags behind a sudden demand.
            var mean = (long)(rate.PerSecond * SecondsOfDemand);
            var want = Math.Max(Math.Max(need, mean), need > 0 ? Math.Min(_lastWant * 2, need * 64) : 0);
            _lastWant = want;
            holder = leases.Holder;
            isRepeat = holder.IsRepeat;
            request = new BorrowRequest(holder.Name, holder.Operation, need, want, revision, leases.Current?.Report(close: false));
        }

        try
        {
            var answer = await context.BoundAsync(grain.BorrowAsync(request), CancellationToken.None);
            lock (leases.Gate)
            {
                var before = leases.Current is { } lease && lease.Window == answer.Window ? lease.Escrow.Amount : 0;
                _running = null;
                holder.Answered();
                Take(answer, asked, revision, isRepeat);
                return new Loan(answer, isRepeat, answer.Amount - before < need);
            }
        }
        catch (Exception failure)
        {
            context.Unreachable(budget, failure);
            lock (leases.Gate)
            {
                _running = null;
                holder.Unanswered();
            }

            return new Loan(null, isRepeat, IsShort: true);
        }
    }

    private void Take(BorrowAnswer answer, long asked, long revision, bool isRepeat)
    {
        if (!answer.Declared)
        {
            Volatile.Write(ref _undeclaredAt, Math.Max(_undeclaredAt, revision));
            leases.CloseForGood();
            return;
        }

        // The answer of a repeated question tells the rest of the window as it was the first time: not to be relied on, so the next request asks.
        leases.Take(answer, answer.WindowEndsIn is not { } rest ? long.MaxValue : isRepeat ? asked : asked + context.Ticks(rest));
        Volatile.Write(ref _exhaustion, null);
    }

    private sealed record Exhaustion(BorrowAnswer Answer, long Until);
}
