using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Grains.Fleet;

/// <summary>Has candidates prepared by the edges that listen, one at a time. For use within one grain's turns; described in docs/reload.md, "Publishing".</summary>
internal sealed class Preparing(FleetNewsBoard board, LeaseTable leases, LeaseTerms terms, Func<TimeSpan> clock)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private (CandidateKey Candidate, PrepareTally Tally)? _running;

    /// <summary>An edge told what it has seen: where that is the candidate, it prepares it.</summary>
    public void Hear(string edge, FleetNews seen)
    {
        if (_running is { } running && running.Candidate == seen.Candidate)
        {
            running.Tally.Hear(edge, clock());
            board.Wake();
        }
    }

    /// <summary>An edge answered; null: it is prepared.</summary>
    public void Answer(string edge, string hash, EdgeRefusal? refusal)
    {
        if (_running is { } running && string.Equals(running.Candidate.Hash, hash, StringComparison.Ordinal))
        {
            running.Tally.Answer(edge, refusal, clock());
            board.Wake();
        }
    }

    /// <summary>Tells of a candidate, and ends when nobody is waited for any more.</summary>
    public async Task<PrepareReport> RunAsync(CandidateKey candidate, bool waitForSilent)
    {
        var start = clock();
        var tally = new PrepareTally(board.Listeners(terms.RenewEvery), start);
        _running = (candidate, tally);
        board.Post(board.News with { Candidate = candidate });
        bool IsSettled() => tally.IsSettled(IsLive, waitForSilent ? null : clock());
        while (!IsSettled() && start + Bound - clock() is { Ticks: > 0 } rest)
        {
            // Silence is told by the time alone, so it is looked for when it is due.
            var due = tally.SilentFrom - clock();
            await board.UntilAsync(IsSettled, due > TimeSpan.Zero && due < rest ? due : rest);
        }

        _running = null;
        board.Post(board.News with { Candidate = null });
        return new PrepareReport(tally.Prepared, tally.RefusedBy, tally.Refusal, [.. tally.Awaited.Where(IsLive).Order(StringComparer.Ordinal)]);
    }

    private bool IsLive(string edge) => leases.IsLive(edge, clock());
}
