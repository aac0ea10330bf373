using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Catalog;

/// <summary>
/// The moves of the head's row: each takes the row that was read and answers the one to swap in. Who swaps in a row loses to whoever came first, reads
/// anew and decides again. Plain rules, described in docs/reload.md.
/// </summary>
public static class HeadMoves
{
    /// <summary>How many publish ids are remembered.</summary>
    public const int MostRecent = 64;

    /// <summary>How many refused hashes are remembered.</summary>
    public const int MostQuarantined = 64;

    /// <summary>
    /// The head that a row tells. It is only ever told as a whole: a term and a revision of different rows would be a head that never was, and edges would take
    /// it for a newer one.
    /// </summary>
    public static Head HeadOf(HeadRow row) => new(row.Term, row.Revision, row.Hash);

    /// <summary>An activation takes over: what another one has on its way can no longer be committed.</summary>
    public static HeadRow Claim(HeadRow row) => row with { Term = row.Term + 1 };

    /// <summary>What is to be done to bring a commit to its end, decided from the row as it is now.</summary>
    public static CommitStep Commit(HeadRow row, Commit commit)
    {
        if (Find(row, commit.PublishId) is { } done)
        {
            return done.Revision == commit.Number ? new CommitStep.Committed(row) : new CommitStep.Lost(row);
        }

        if (row.Term != commit.Term || row.Revision != commit.Number - 1)
        {
            return new CommitStep.Lost(row);
        }

        if (commit.Held is { } held && row.Edges.Keys.Where(edge => !held.Contains(edge)).ToImmutableArray() is { IsEmpty: false } free)
        {
            return new CommitStep.Unheld(free);
        }

        return new CommitStep.Swap(row with
        {
            Revision = commit.Number,
            Hash = commit.Hash,
            Audit = commit.Audit,
            Recent = Last(row.Recent.Add(new PublishedId(commit.PublishId, commit.Number)), MostRecent),
        });
    }

    /// <summary>
    /// Lets go the edges that hold for a candidate, where it is not committed: by the term it can no longer be, whoever has it on its way. Told to edges as a head that
    /// has reached what they hold for.
    /// </summary>
    public static HeadRow Release(HeadRow row, Head candidate) => HeadOrder.HasReached(HeadOf(row), candidate) ? row : Claim(row);

    /// <summary>The publish of an id, where it was committed not long ago.</summary>
    public static PublishedId? Find(HeadRow row, string publishId) =>
        row.Recent.FirstOrDefault(p => string.Equals(p.Id, publishId, StringComparison.Ordinal));

    /// <summary>A hash is never to be published again.</summary>
    public static HeadRow Quarantine(HeadRow row, string hash) =>
        IsQuarantined(row, hash) ? row : row with { Quarantined = Last(row.Quarantined.Add(hash), MostQuarantined) };

    /// <summary>Whether an edge refused the hash before.</summary>
    public static bool IsQuarantined(HeadRow row, string hash) => row.Quarantined.Contains(hash, StringComparer.Ordinal);

    /// <summary>Every edge must apply changes up to this number before it counts on a new grant.</summary>
    public static HeadRow Require(HeadRow row, long change) => row.Changes >= change ? row : row with { Changes = change };

    private static ImmutableArray<T> Last<T>(ImmutableArray<T> items, int most) => items.Length <= most ? items : items.RemoveRange(0, items.Length - most);
}

/// <summary>A commit that an activation wants to make.</summary>
/// <param name="Term">The activation's term.</param>
/// <param name="Number">Of the new revision: one more than the row's when it was checked.</param>
/// <param name="Hash">Of the new revision.</param>
/// <param name="PublishId">By which the commit is known again when its answer was lost.</param>
/// <param name="Audit">The hash of its audit entry.</param>
public sealed record Commit(long Term, long Number, string Hash, string PublishId, string Audit)
{
    /// <summary>In a strict workspace: the edges that hold for it. It may only be made of a row that has no other. Null: none need to.</summary>
    public ImmutableHashSet<string>? Held { get; init; }
}

/// <summary>What is to be done about a commit: one of the records nested here.</summary>
public abstract record CommitStep
{
    private CommitStep()
    {
    }

    /// <summary>Swap this row in.</summary>
    public sealed record Swap(HeadRow Next) : CommitStep;

    /// <summary>It is done: its row was swapped in, though perhaps the answer was lost, or by another activation. The barrier is for the row as it is now.</summary>
    public sealed record Committed(HeadRow Row) : CommitStep;

    /// <summary>Another activation or another publish came first: it can never be made.</summary>
    public sealed record Lost(HeadRow Row) : CommitStep;

    /// <summary>These edges may admit under the head of before, for they do not hold: it must not be made of this row.</summary>
    public sealed record Unheld(ImmutableArray<string> Edges) : CommitStep;
}
