using System.Diagnostics;
using System.Globalization;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Budgets;

namespace Sluice.Bench.Admission;

/// <summary>Makes subjects known to the cluster as edges do that served them once and are gone: each has its ledger in storage, with what it spent and no open lease.</summary>
internal static class Known
{
    private const int MostAtOnce = 512;
    private const int MostTries = 5;
    private const long Need = 264;
    private const long Spent = 232;

    /// <summary>So many users, and as many keys.</summary>
    public static async Task<string> MakeAsync(IClusterClient cluster, int subjects, long revision)
    {
        var began = Stopwatch.GetTimestamp();
        var levels = Chain.Subjects(subjects / 2).Select(each => (each.Subject, Grain: cluster.GetGrain<IEdgeBudgetGrain>(
            GrainKeys.Join(GrainKeys.DefaultWorkspace, each.Budget, each.Subject))));
        await Parallel.ForEachAsync(levels, new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce }, async (level, _) =>
        {
            for (var tries = 1; ; tries++)
            {
                try
                {
                    // Told again it changes nothing: the loan has a number, and the report has totals.
                    var loan = await level.Grain.BorrowAsync(new BorrowRequest("former-edge", 1, Need, Need, revision, Report: null));
                    Trace.Assert(loan.Amount >= Need || loan.IsClosed, level.Subject);
                    await level.Grain.ReportAsync(new LeaseReport("former-edge", loan.Window, Spent, Close: true));
                    return;
                }
                catch (TimeoutException) when (tries < MostTries)
                {
                    // A machine that does other things besides answers late.
                }
            }
        });
        var elapsed = Stopwatch.GetElapsedTime(began);
        return string.Create(
            CultureInfo.InvariantCulture, $"{subjects} subjects (users and keys) made known, a loan and its last report each: {elapsed.TotalSeconds:0} s, {subjects / elapsed.TotalSeconds:0} a second");
    }
}
