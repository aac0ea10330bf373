using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;

namespace Sluice.Edge.Metering;

/// <summary>Keeps what the meter holds in order: shares renewed, spending and usage reported each second (usage sooner where much of it waits), leases closed; at the stop all is given back, within a bound.</summary>
public sealed class MeterUpkeep(Meter meter, UsageLedger ledger, ActiveRevision active, TimeProvider time, ILogger<MeterUpkeep> log) : BackgroundService
{
    private const int StepsPerReport = 5;
    private const int FailuresAtStop = 3;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan DrainBound = TimeSpan.FromSeconds(10);
    private readonly ReportRounds _pressing = new();
    private readonly ReportRounds _others = new();
    private Task _shares = Task.CompletedTask;
    private Task _usage = Task.CompletedTask;
    private bool _isUsageTaken;

    /// <summary>Reports what was spent and used for the last time and gives every lease and share back.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);

        // Not bound by the host's own time, which slow requests may have used up: what was used must still be told.
        using var bound = new CancellationTokenSource(DrainBound, time);
        try
        {
            await Task.WhenAll(_pressing.EndAsync(bound.Token), _others.EndAsync(bound.Token), _shares.WaitAsync(bound.Token), _usage.WaitAsync(bound.Token));
            await Task.WhenAll(
            [
                ReportRounds.EachAsync(meter.Table.Budgets, budget => GuardAsync(budget.DrainAsync(bound.Token)), bound.Token),
                .. meter.Table.Limits.Select(limit => GuardAsync(limit.ReturnAsync(bound.Token))),
                DrainLedgerAsync(bound.Token),
            ]);
        }
        catch (OperationCanceledException)
        {
            log.LogWarning("Leases or usage could not all be reported before the end.");
        }

        ledger.End();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var reported = time.GetTimestamp();
        for (var step = 1; ; step++)
        {
            await Task.Delay(Step, time, stoppingToken);

            // Neither waits for the other, nor this loop for them: a silo that is slow to answer one meter holds up no other's renewal for longer than a call's bound.
            if (_shares.IsCompleted)
            {
                _shares = Task.WhenAll(meter.Table.Limits.Select(limit => GuardAsync(limit.UpkeepAsync(CancellationToken.None))));
            }

            // Sooner where much waits; but a silo that takes nothing is not asked more often for it.
            if ((step >= StepsPerReport || (_isUsageTaken && ledger.IsCrowded)) && _usage.IsCompleted)
            {
                _usage = GuardAsync(SendUsageAsync());
            }

            if (step >= StepsPerReport)
            {
                var now = time.GetTimestamp();
                Report(time.GetElapsedTime(reported, now));
                (reported, step) = (now, 0);
            }
        }
    }

    private void Report(TimeSpan elapsed)
    {
        var (pressing, others) = (new List<BudgetMeter>(), new List<BudgetMeter>());
        foreach (var budget in meter.Table.Budgets)
        {
            if (budget.Tick(elapsed))
            {
                (budget.IsPressing ? pressing : others).Add(budget);
            }
        }

        Begin(_pressing, pressing);
        Begin(_others, others);
        meter.Table.RetireIdle();
    }

    // What finds its round under way is still due at the next tick.
    private void Begin(ReportRounds rounds, List<BudgetMeter> due)
    {
        if (rounds.IsOver)
        {
            var revision = active.Current?.Head.Revision ?? 0;
            rounds.Begin(due, budget => GuardAsync(budget.TellAsync(revision, CancellationToken.None)));
        }
    }

    private async Task SendUsageAsync()
    {
        _isUsageTaken = false;
        _isUsageTaken = await ledger.FlushAsync(CancellationToken.None);
    }

    private async Task DrainLedgerAsync(CancellationToken cancellation)
    {
        for (var failures = 0; failures < FailuresAtStop && !ledger.IsEmpty;)
        {
            if (!await ledger.FlushAsync(cancellation))
            {
                failures++;
                await Task.Delay(Step, time, cancellation);
            }
        }

        if (!ledger.IsEmpty)
        {
            log.LogError(ledger.HasJournal
                ? "Usage could not be reported before the end; its records are in the journal, and the next start of this edge tells them."
                : "Usage could not be reported before the end and is lost.");
        }
    }

    private async Task GuardAsync(Task work)
    {
        try
        {
            await work;
        }
        catch (Exception failure)
        {
            meter.Context.Unreachable("a report", failure);
        }
    }
}
