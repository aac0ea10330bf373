using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Tests.Unit.Simulation.Accounting;

/// <summary>What one edge tells the grain of one budget, and what it gives back when it is asked: as the edge does it, over the simulated network.</summary>
internal sealed class SimulatedReports(AccountingWorld world, SimulatedEdge edge, BudgetAccount account, LeaseBook book)
{
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ListenBound = TimeSpan.FromSeconds(1.5);
    private readonly Dictionary<(string, long), long> _told = [];
    private readonly List<TaskCompletionSource> _forRound = [];
    private bool _isReporting;
    private bool _isAnotherDue;
    private bool _isListening;

    /// <summary>The edge ends: nothing more is reported but the last of each lease.</summary>
    public bool IsEnded { get; set; }

    /// <summary>Gives back what is free above a part, soon.</summary>
    public void GiveBack(long keep)
    {
        if (!book.GiveBack(keep))
        {
            return;
        }

        world.Simulator.Start(ReportAsync);
    }

    /// <summary>Begins to listen for recalls where the grain said so.</summary>
    public void Listen()
    {
        if (!_isListening && book.Listens)
        {
            _isListening = true;
            world.Simulator.Start(ListenAsync);
        }
    }

    private async Task ListenAsync()
    {
        for (long answered = 0; book.Listens && !IsEnded;)
        {
            var (grain, heard) = (account.Any(), answered);
            if (await world.Network.CallAsync(edge.Node, grain.Node, () => grain.RecalledAsync(edge.Node.Name, heard), ListenBound) is not { Came: true, Value: var number })
            {
                break;
            }

            if (number != answered)
            {
                GiveBack(0);
                await ReportAsync();
                answered = number;
            }
        }

        _isListening = false;
    }

    /// <summary>Reports what is due. Where a round is under way, another one follows it.</summary>
    public Task ReportAsync()
    {
        var end = new TaskCompletionSource();
        _forRound.Add(end);
        _isAnotherDue = true;
        if (!_isReporting)
        {
            _isReporting = true;
            world.Simulator.Start(RoundsAsync);
        }

        return end.Task;
    }

    private async Task RoundsAsync()
    {
        while (_isAnotherDue && !IsEnded)
        {
            _isAnotherDue = false;
            foreach (var report in book.Due())
            {
                if (await SendAsync(report) is { } answer)
                {
                    book.Reported(report, answer);
                }
            }
        }

        var waiting = _forRound.ToArray();
        _forRound.Clear();
        _isReporting = false;
        Array.ForEach(waiting, w => w.SetResult());
    }

    /// <summary>Sends one report; null: no answer came.</summary>
    public async Task<ReportAnswer?> SendAsync(LeaseReport report)
    {
        var sent = world.Variant switch
        {
            AccountingVariant.DifferencesInReports => Difference(report),
            AccountingVariant.ReturnButKeep => report with { Returned = report.Returned + Math.Max(0, book.Current?.Escrow.Free ?? 0) },
            _ => report,
        };
        var grain = account.Any();
        world.Simulator.Note(sent.Close ? "closes" : "reports", sent.Edge, sent.Spent);
        return await world.Network.CallAsync(edge.Node, grain.Node, () => grain.ReportAsync(sent), CallBound) is { Came: true, Value: { } answer } ? answer : null;
    }

    private LeaseReport Difference(LeaseReport report)
    {
        var before = _told.GetValueOrDefault((report.Edge, report.Window));
        _told[(report.Edge, report.Window)] = report.Spent;
        return report with { Spent = report.Spent - before };
    }
}
