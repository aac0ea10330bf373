using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Edge.Metering;

/// <summary>Asks the grain of one budget for loans: one at a time, shared by all who wait. See docs/accounting.md, "Protocol".</summary>
/// <param name="gate">The lock of the book.</param>
/// <param name="answered">Called after each answer that was taken.</param>
internal sealed class BudgetBorrower(MeterContext context, string budget, IEdgeBudgetGrain grain, LeaseBook book, Lock gate, SpendRate rate, Action answered)
{
    /// <summary>Below so many seconds of demand a lease is topped up: as long as loans may cease while a silo is lost.</summary>
    public const double LowSeconds = 8;

    private const double SecondsOfDemand = 4;
    private static readonly TimeSpan ExhaustionKept = TimeSpan.FromMilliseconds(250);
    private static readonly Task<Loan> RetiredLoan = Task.FromResult(new Loan(null, IsRepeat: true, IsShort: true));

    // Under the gate.
    private Task<Loan>? _running;
    private long _lastWant;

    private Exhaustion? _exhaustion;
    private long _undeclaredAt = -1;
    private long _waiting;
    private bool _isRetired;

    /// <summary>The answer that lately lent less than was needed, so that not every refused request asks again; null: none.</summary>
    public BorrowAnswer? Exhausted => Volatile.Read(ref _exhaustion) is { } known && context.Now < known.Until ? known.Answer : null;

    /// <summary>The latest revision under which the grain knew no such budget; -1: none.</summary>
    public long UndeclaredAt => Volatile.Read(ref _undeclaredAt);

    /// <summary>What requests that wait for a loan need together.</summary>
    public long Waiting => Volatile.Read(ref _waiting);

    /// <summary>Whether no loan is asked for any more. Set under the gate.</summary>
    public bool IsRetired
    {
        get => Volatile.Read(ref _isRetired);
        set => Volatile.Write(ref _isRetired, value);
    }

    /// <summary>The loan that is on its way; null: none. Under the gate.</summary>
    public Task<Loan>? Running => _running;

    /// <summary>A request begins to wait, or, with a negative count, ends it.</summary>
    public void Wait(long count) => Interlocked.Add(ref _waiting, count);

    /// <summary>Keeps an answer for <see cref="Exhausted"/>, for a quarter of a second or until the next loan.</summary>
    public void RememberExhausted(BorrowAnswer answer) => Volatile.Write(ref _exhaustion, new Exhaustion(answer, context.Now + context.Ticks(ExhaustionKept)));

    /// <summary>So much goes back to the grain, and can be had anew: a request that it covers need not wait for what is remembered to be forgotten.</summary>
    public void GaveBack(long count)
    {
        if (Volatile.Read(ref _exhaustion) is { } known)
        {
            // Another answer in between is newer.
            _ = Interlocked.CompareExchange(ref _exhaustion, known with { Answer = known.Answer with { Left = Math.Max(0, known.Answer.Left) + count } }, known);
        }
    }

    /// <summary>The loan that is on its way, or a new one.</summary>
    /// <param name="need">What a waiting request lacks; 0: a top-up ahead of need.</param>
    /// <param name="revision">The revision that the edge runs.</param>
    public (Task<Loan> Call, bool IsOwn) JoinOrBorrow(long need, long revision)
    {
        lock (gate)
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
        var now = context.Now;
        BorrowRequest request;
        lock (gate)
        {
            // Twice the last wish when that was not enough for long: the mean lags behind a sudden demand.
            var mean = (long)(rate.PerSecond * SecondsOfDemand);
            _lastWant = Math.Max(Math.Max(need, mean), need > 0 ? Math.Min(_lastWant * 2, need * 64) : 0);
            request = book.Ask(need, _lastWant, Math.Max(need, Waiting), revision);
        }

        try
        {
            var answer = await context.BoundAsync(grain.BorrowAsync(request), CancellationToken.None);
            Loan loan;
            lock (gate)
            {
                _running = null;
                loan = book.Answered(request, answer, now, answer.WindowEndsIn is { } rest ? now + context.Ticks(MeterContext.Certain(rest)) : long.MaxValue);
                if (!answer.Declared)
                {
                    Volatile.Write(ref _undeclaredAt, Math.Max(_undeclaredAt, revision));
                }

                if (!loan.IsShort)
                {
                    Volatile.Write(ref _exhaustion, null);
                }
            }

            answered();
            return loan;
        }
        catch (Exception failure)
        {
            context.Unreachable(budget, failure);
            lock (gate)
            {
                _running = null;
                book.Unanswered();
            }

            return new Loan(null, IsRepeat: true, IsShort: true);
        }
    }

    private sealed record Exhaustion(BorrowAnswer Answer, long Until);
}
