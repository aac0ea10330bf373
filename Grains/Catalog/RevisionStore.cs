using Orleans.Storage;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Catalog;

/// <summary>
/// The stored revisions of one workspace. A revision is stored first, then the head is moved to it by compare-and-swap; what stands beyond the head
/// was never published, and the next publish overwrites it. An activation claims a term before its first write and never overwrites a later
/// term's rows, so that one which was replaced unawares spoils nothing.
/// </summary>
internal sealed class RevisionStore(RevisionTable table, HeadStore heads)
{
    private const int MostTries = 8;

    private readonly RevisionBodies _bodies = new(table);
    private StoredHead _head = new(HeadRow.None, null);
    private long _term = -1;

    /// <summary>The head as this activation last read or wrote it.</summary>
    public HeadRow Head => _head.Row;

    /// <summary>Reads the head's row.</summary>
    public async Task<HeadRow> ReadHeadAsync() => (await heads.ReadAsync()).Row;

    /// <summary>Takes up the head as it is stored.</summary>
    public async Task RefreshAsync() => _head = await heads.ReadAsync();

    /// <summary>What is stored about a revision; the caller knows that it is not beyond the head.</summary>
    public async Task<RevisionSummary> ReadInfoAsync(long number) => (await table.ReadRowAsync<InfoRow>(number)).Info;

    /// <summary>A whole revision; the caller knows that it is not beyond the head.</summary>
    /// <exception cref="InvalidDataException">It is not in storage.</exception>
    public async Task<Revision> ReadAsync(long number) => await _bodies.FindAsync(await table.ReadRowAsync<InfoRow>(number))
        ?? throw table.Missing(number, "body");

    /// <summary>A revision that is stored under its number, published or not yet; null where none is.</summary>
    public async Task<Revision?> FindAsync(long number) =>
        await table.FindRowAsync<InfoRow>(number) is { } info && await _bodies.FindAsync(info) is { Pruned: false } revision ? revision : null;

    /// <summary>What is stored about revisions from one on, in order, at most so many; the caller knows that they are not beyond the head.</summary>
    public Task<InfoRow[]> ReadRowsAsync(long from, int count) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(i => table.ReadRowAsync<InfoRow>(from + i)));

    /// <summary>This activation takes over, where it has not: nothing that another one has on its way is committed from then on.</summary>
    /// <exception cref="InconsistentStateException">Another activation is at work.</exception>
    public async Task ClaimAsync()
    {
        for (var tries = 1; _term != Head.Term; tries++)
        {
            var swap = await heads.TrySwapAsync(_head, HeadMoves.Claim(Head));
            if (swap.Done is { } claimed)
            {
                _head = claimed;
                _term = Head.Term;
                return;
            }

            // Edges come and go in the same row: where nothing else moved, nobody else is at work.
            var seen = HeadMoves.HeadOf(Head);
            _head = await heads.ReadAsync();
            if (tries == MostTries || HeadMoves.HeadOf(Head) != seen)
            {
                throw swap.Failure!;
            }
        }
    }

    /// <summary>Stores the revision after the head. It is not published by that.</summary>
    /// <param name="revision">The whole.</param>
    /// <param name="audit">The hash of its audit entry.</param>
    /// <exception cref="InconsistentStateException">Another activation is at work.</exception>
    public Task StoreAsync(Revision revision, string audit) =>
        _bodies.StoreAsync(new InfoRow(Head.Term, revision.Info) { Previous = Head.Audit, Audit = audit }, revision.Resources, Head.Revision);

    /// <summary>
    /// Moves the head to the stored revision: the point of no return. Answers the head that it made, though others may have been made of it since. Null: another publish came
    /// first or, in a strict workspace, edges were let go or have joined: so it can not be made.
    /// </summary>
    /// <exception cref="InconsistentStateException">It is not known what became of it.</exception>
    public async Task<Head?> CommitAsync(Commit commit)
    {
        var made = new Head(commit.Term, commit.Number, commit.Hash);
        for (var tries = 1; ; tries++)
        {
            switch (HeadMoves.Commit(Head, commit))
            {
                case CommitStep.Committed:
                    return made;
                case CommitStep.Lost or CommitStep.Unheld:
                    return null;
                case CommitStep.Swap step:
                    var swap = await heads.TrySwapAsync(_head, step.Next);
                    if (swap.Done is { } stored)
                    {
                        _head = stored;
                        return made;
                    }

                    if (tries == MostTries)
                    {
                        throw swap.Failure!;
                    }

                    break;
            }

            _head = await heads.ReadAsync();
        }
    }

    /// <summary>Lets the resources of an old revision go, and leaves a mark in their place; doing it again changes nothing.</summary>
    public async Task PruneAsync(long number) => await _bodies.PruneAsync(await table.ReadRowAsync<InfoRow>(number), (await ReadHeadAsync()).Revision);

    /// <summary>No publish brings this hash again.</summary>
    public async Task QuarantineAsync(string hash) => _head = await heads.MoveAsync(row => HeadMoves.Quarantine(row, hash));
}
