namespace Sluice.Edge.Metering;

/// <summary>
/// Calls the grains of budgets that have something to tell, so many at a time: a hundred thousand calls at once would all be answered too late, and be made again.
/// While a round is under way the next one waits, however long it takes. Used by one owner.
/// </summary>
internal sealed class ReportRounds
{
    // A silo stores what comes together by one flush to disk; of more at once each only waits longer.
    private const int MostAtOnce = 128;

    private Task _round = Task.CompletedTask;

    /// <summary>Whether the last round has ended.</summary>
    public bool IsOver => _round.IsCompleted;

    /// <summary>Begins a round, after the last one is over.</summary>
    /// <param name="due">Whom to call for.</param>
    /// <param name="call">Does not throw.</param>
    public void Begin(IReadOnlyCollection<BudgetMeter> due, Func<BudgetMeter, Task> call) =>
        _round = due.Count == 0 ? Task.CompletedTask : EachAsync(due, call, CancellationToken.None);

    /// <summary>Waits for the round that is under way.</summary>
    public Task EndAsync(CancellationToken cancellation) => _round.WaitAsync(cancellation);

    /// <summary>Calls for each.</summary>
    public static Task EachAsync(IEnumerable<BudgetMeter> meters, Func<BudgetMeter, Task> call, CancellationToken cancellation) => Parallel.ForEachAsync(
        meters, new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = cancellation }, (meter, _) => new ValueTask(call(meter)));
}
