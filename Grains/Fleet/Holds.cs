using System.Collections.Immutable;
using Sluice.Grains.Catalog;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Grains.Fleet;

/// <summary>
/// Has the edges of a strict workspace hold new requests for a commit, and lets them go. It promises that an edge which is told to go on without the commit is told so
/// only after the head's row has moved, so that the commit can never be made. For use within one grain's turns; described in docs/reload.md, "Strict workspaces".
/// </summary>
internal sealed class Holds(HeadStore heads, FleetNewsBoard board, LeaseTerms terms, TimeProvider time)
{
    // Two round trips, and what a busy machine adds: all others hold meanwhile.
    private static readonly TimeSpan AnswerBound = TimeSpan.FromMilliseconds(500);
    private HoldTally? _tally;

    /// <summary>An edge told what it has seen: where that is a hold, it holds.</summary>
    public void Hear(string edge, FleetNews seen)
    {
        if (seen.Hold is { } held && _tally is { } tally)
        {
            tally.Answer(edge, held);
            board.Wake();
        }
    }

    /// <summary>Has every edge of the set hold, once none of them is silent.</summary>
    public async Task<HoldReport> BeginAsync(Head candidate)
    {
        var (edges, silent) = await HearAllAsync();
        if (!silent.IsEmpty)
        {
            return new HoldReport([], silent);
        }

        var tally = new HoldTally(candidate);
        _tally = tally;
        board.Post(board.News with { Hold = candidate });
        await board.UntilAsync(() => tally.Missing(edges).IsEmpty, AnswerBound);
        return new HoldReport(tally.Held, tally.Missing(edges));
    }

    /// <summary>Makes sure that a candidate which is not committed never will be, and tells edges how they go on.</summary>
    public async Task<Head> ReleaseAsync(Head candidate)
    {
        var head = HeadMoves.HeadOf((await heads.MoveAsync(row => HeadMoves.Release(row, candidate))).Row);
        board.Post(board.News with { Head = head });
        return head;
    }

    // Nobody is held up for an edge that is silent: it is marked, and waited for until it listens or is out of the set.
    private async Task<(IEnumerable<string> Edges, ImmutableArray<string> Silent)> HearAllAsync()
    {
        var start = time.GetTimestamp();
        var isMarked = false;
        while (true)
        {
            var seen = await heads.ReadAsync();
            var silent = Silent(seen.Row);
            var waited = time.GetElapsedTime(start);
            if (silent.IsEmpty || waited > terms.Wait * 2.5)
            {
                return (seen.Row.Edges.Keys, silent);
            }

            if (!isMarked && waited > terms.RenewEvery)
            {
                isMarked = (await heads.TrySwapAsync(seen, EdgeSet.Mark(seen.Row, silent.Where(edge => seen.Row.Edges[edge] == 0)))).Done is not null;
            }

            await board.UntilAsync(() => Silent(seen.Row).IsEmpty, terms.RenewEvery / 4);
        }
    }

    private ImmutableArray<string> Silent(HeadRow row)
    {
        var listening = board.Listeners(terms.RenewEvery);
        return [.. row.Edges.Keys.Where(edge => !listening.Contains(edge, StringComparer.Ordinal))];
    }
}
