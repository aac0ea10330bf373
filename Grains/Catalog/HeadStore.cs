using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Catalog;

/// <summary>
/// The head's row in storage, for whichever grain needs it: a read is always one of storage, a change always a compare-and-swap. A swap that ends in an error may
/// have been done, or may yet be: the caller reads anew and decides from what it finds (<see cref="HeadMoves"/>).
/// </summary>
internal sealed class HeadStore(IGrainStorage storage, GrainId catalog, ILogger log)
{
    private const string Name = "head";
    private const int MostTries = 16;

    /// <summary>The store of a workspace's head.</summary>
    public static HeadStore Of(IGrainFactory grains, string workspace, IGrainStorage storage, ILogger log) =>
        new(storage, grains.GetGrain<ICatalogGrain>(workspace).GetGrainId(), log);

    /// <summary>Reads the row; the read begins after this call.</summary>
    public async Task<StoredHead> ReadAsync()
    {
        var state = new GrainState<HeadRow>();
        await storage.ReadStateAsync(Name, catalog, state);
        return new StoredHead(state.RecordExists ? state.State! : HeadRow.None, state.ETag);
    }

    /// <summary>Swaps a row in, where no other write came first and it is known what became of this one.</summary>
    public async Task<Swap> TrySwapAsync(StoredHead seen, HeadRow next)
    {
        var state = new GrainState<HeadRow>(next) { ETag = seen.ETag };
        try
        {
            await storage.WriteStateAsync(Name, catalog, state);
            return new Swap(new StoredHead(next, state.ETag), Failure: null);
        }
        catch (InconsistentStateException e)
        {
            return new Swap(Done: null, e);
        }
        catch (Exception e)
        {
            log.LogWarning(e, "A write of the head of {Catalog} ended in an error; what became of it is looked for.", catalog);
            return new Swap(Done: null, e);
        }
    }

    /// <summary>Makes a move, however often another write comes first. Answers the row with the move made.</summary>
    /// <exception cref="InconsistentStateException">Other writes came first again and again.</exception>
    public async Task<StoredHead> MoveAsync(Func<HeadRow, HeadRow> move)
    {
        for (var tries = 1; ; tries++)
        {
            var seen = await ReadAsync();
            var next = move(seen.Row);
            if (ReferenceEquals(next, seen.Row))
            {
                return seen;
            }

            var swap = await TrySwapAsync(seen, next);
            if (swap.Done is { } done)
            {
                return done;
            }

            if (tries == MostTries)
            {
                throw swap.Failure!;
            }
        }
    }
}

/// <summary>The head's row as it was read or written, with the tag by which it is swapped.</summary>
internal sealed record StoredHead(HeadRow Row, string? ETag);

/// <summary>What became of a swap.</summary>
/// <param name="Done">The row as it is stored now; null: another write came first, or it is not known.</param>
/// <param name="Failure">Where it was not done: what the storage said, for whoever does not try again.</param>
internal readonly record struct Swap(StoredHead? Done, Exception? Failure);
