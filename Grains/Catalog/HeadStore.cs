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

    // Of the last write; null where it ended in none.
    private Exception? _failure;

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

    /// <summary>Swaps a row in; null where another write came first, or where it is not known what became of it.</summary>
    public async Task<StoredHead?> TrySwapAsync(StoredHead seen, HeadRow next)
    {
        var state = new GrainState<HeadRow>(next) { ETag = seen.ETag };
        _failure = null;
        try
        {
            await storage.WriteStateAsync(Name, catalog, state);
            return new StoredHead(next, state.ETag);
        }
        catch (InconsistentStateException)
        {
            return null;
        }
        catch (Exception e)
        {
            log.LogWarning(e, "A write of the head of {Catalog} ended in an error; what became of it is looked for.", catalog);
            _failure = e;
            return null;
        }
    }

    /// <summary>Why a move was given up: the error of the last write, or other writes that came first.</summary>
    public Exception GiveUp() =>
        _failure ?? new InconsistentStateException($"The head of {catalog} could not be changed: other writes came first {MostTries} times.");

    /// <summary>Makes a move, however often another write comes first. Answers the row with the move made.</summary>
    /// <exception cref="InconsistentStateException">Other writes came first again and again.</exception>
    public async Task<StoredHead> MoveAsync(Func<HeadRow, HeadRow> move)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var seen = await ReadAsync();
            var next = move(seen.Row);
            if (ReferenceEquals(next, seen.Row))
            {
                return seen;
            }

            if (await TrySwapAsync(seen, next) is { } done)
            {
                return done;
            }
        }

        throw GiveUp();
    }
}

/// <summary>The head's row as it was read or written, with the tag by which it is swapped.</summary>
internal sealed record StoredHead(HeadRow Row, string? ETag);
