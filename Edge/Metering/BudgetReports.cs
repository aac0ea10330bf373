using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering;

/// <summary>
/// Tells the grain of one budget what was spent and what is given back, one round at a time, and, where the grain said so, listens whether it recalls what is held unused.
/// See docs/accounting.md, "Recall".
/// </summary>
/// <param name="gate">The lock of the book.</param>
internal sealed class BudgetReports(MeterContext context, string budget, string subject, IEdgeBudgetGrain grain, LeaseBook book, Lock gate)
{
    // Longer than the grain holds a call open.
    private static readonly TimeSpan ListenBound = TimeSpan.FromSeconds(15);

    // Under the gate.
    private Task _round = Task.CompletedTask;
    private bool _isAnotherDue;
    private bool _isListening;

    /// <summary>Whether there is something to report.</summary>
    public bool HasDue
    {
        get
        {
            lock (gate)
            {
                return book.HasDue;
            }
        }
    }

    /// <summary>Reports what is due. Where a round is under way, another one follows it.</summary>
    public Task ReportAsync()
    {
        lock (gate)
        {
            if (_round.IsCompleted)
            {
                _round = RoundsAsync();
            }
            else
            {
                _isAnotherDue = true;
            }

            return _round;
        }
    }

    /// <summary>Gives back what is free above a part, soon.</summary>
    public void GiveBack(long keep)
    {
        lock (gate)
        {
            if (!book.GiveBack(keep))
            {
                return;
            }
        }

        _ = GuardedAsync();

        async Task GuardedAsync()
        {
            try
            {
                await ReportAsync();
            }
            catch (Exception failure)
            {
                // It stays taken out, and goes with the next report.
                context.Unreachable(budget, failure);
            }
        }
    }

    /// <summary>Begins to listen for recalls where the grain said so and nobody does.</summary>
    public void Listen()
    {
        if (!book.Listens)
        {
            return;
        }

        lock (gate)
        {
            if (!_isListening)
            {
                _isListening = true;
                _ = ListenAsync();
            }
        }
    }

    /// <summary>The last reports of all leases.</summary>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        List<LeaseReport> last;
        lock (gate)
        {
            last = book.Drain();
        }

        foreach (var report in last)
        {
            await context.BoundAsync(grain.ReportAsync(report), cancellation);
        }
    }

    private async Task RoundsAsync()
    {
        // Off the caller's lock at once.
        await Task.Yield();
        while (true)
        {
            List<LeaseReport> due;
            lock (gate)
            {
                _isAnotherDue = false;
                due = book.Due();
            }

            foreach (var report in due)
            {
                var answer = await context.BoundAsync(grain.ReportAsync(report), CancellationToken.None);
                lock (gate)
                {
                    book.Reported(report, answer);
                }

                if (report.Close)
                {
                    context.Ledger?.LeaseEnded(new LeaseCharge(budget, subject, report.Edge, report.Window, report.Spent));
                }
            }

            lock (gate)
            {
                if (!_isAnotherDue)
                {
                    // Whoever comes from here on begins a round of its own.
                    _round = Task.CompletedTask;
                    return;
                }
            }
        }
    }

    // Ends with the lease, or with the first failure: the next upkeep begins it anew.
    private async Task ListenAsync()
    {
        // Off the caller's lock at once.
        await Task.Yield();
        try
        {
            for (long answered = 0; book.Listens;)
            {
                var number = await grain.RecalledAsync(context.Edge, answered).WaitAsync(ListenBound, context.Time, CancellationToken.None);
                if (number != answered)
                {
                    lock (gate)
                    {
                        book.GiveBack(0);
                    }

                    await ReportAsync();
                    answered = number;
                }
            }
        }
        catch (Exception failure)
        {
            context.Unreachable(budget, failure);
        }
        finally
        {
            lock (gate)
            {
                _isListening = false;
            }
        }
    }
}
