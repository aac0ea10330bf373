using System.Globalization;
using Orleans.Storage;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;

namespace Sluice.Grains.Catalog;

/// <summary>
/// The stored revisions of one workspace. A revision is stored first, then the head is moved to it by compare-and-swap; what stands beyond the head
/// was never published, and the next publish overwrites it. An activation claims a term before its first write and never overwrites a later
/// term's rows, so that one which was replaced unawares spoils nothing.
/// </summary>
internal sealed class RevisionStore(IGrainStorage storage, GrainId catalog, string workspace)
{
    private const string HeadName = "head";
    private const string InfoName = "info";
    private const string BodyName = "body";

    private GrainState<HeadRow> _head = new();
    private string? _claim;

    /// <summary>The head as this activation last read or wrote it.</summary>
    public HeadRow Head => _head.RecordExists ? _head.State! : HeadRow.None;

    /// <summary>Reads the head's row.</summary>
    public async Task<HeadRow> ReadHeadAsync() => (await ReadHeadStateAsync()) is { RecordExists: true } row ? row.State! : HeadRow.None;

    /// <summary>Takes up the head as it is stored; where another activation moved it, our term is over.</summary>
    public async Task RefreshAsync() => _head = await ReadHeadStateAsync();

    /// <summary>What is stored about a revision; the caller knows that it is not beyond the head.</summary>
    public async Task<RevisionSummary> ReadInfoAsync(long number) => (await ReadRowAsync<InfoRow>(InfoName, number)).Info;

    /// <summary>A whole revision; the caller knows that it is not beyond the head.</summary>
    public async Task<Revision> ReadAsync(long number)
    {
        var info = ReadInfoAsync(number);
        var body = await ReadRowAsync<BodyRow>(BodyName, number);
        return new Revision(await info, [.. body.Resources.Select(r => r.ToBody())]);
    }

    /// <summary>Stores the revision after the head. It is not published by that.</summary>
    /// <exception cref="InconsistentStateException">Another activation is at work.</exception>
    public async Task StoreAsync(Revision revision)
    {
        if (_claim is null || !string.Equals(_claim, _head.ETag, StringComparison.Ordinal))
        {
            await SwapAsync(Head with { Term = Head.Term + 1 });
        }

        await Task.WhenAll(
            PutAsync(InfoName, revision.Info.Number, new InfoRow(Head.Term, revision.Info)),
            PutAsync(BodyName, revision.Info.Number, new BodyRow(Head.Term, [.. revision.Resources.Select(StoredResource.From)])));
    }

    /// <summary>Moves the head to the stored revision: the point of no return.</summary>
    /// <exception cref="InconsistentStateException">Another activation is at work.</exception>
    public Task CommitAsync(RevisionSummary info) => SwapAsync(new HeadRow(Head.Term, info.Number, info.Hash));

    private async Task SwapAsync(HeadRow next)
    {
        var state = new GrainState<HeadRow>(next) { ETag = _head.ETag };
        await storage.WriteStateAsync(HeadName, catalog, state);
        _head = state;
        _claim = state.ETag;
    }

    private async Task<GrainState<HeadRow>> ReadHeadStateAsync()
    {
        var state = new GrainState<HeadRow>();
        await storage.ReadStateAsync(HeadName, catalog, state);
        return state;
    }

    private async Task<T> ReadRowAsync<T>(string name, long number)
    {
        var state = new GrainState<T>();
        await storage.ReadStateAsync(name, RowId(number), state);
        return state.RecordExists
            ? state.State!
            : throw new InvalidDataException($"Revision {number.ToString(CultureInfo.InvariantCulture)} of {workspace} is published, but its {name} is not in storage.");
    }

    private async Task PutAsync<T>(string name, long number, T row)
        where T : ITermed
    {
        var state = new GrainState<T>();
        await storage.ReadStateAsync(name, RowId(number), state);
        if (state.RecordExists && state.State!.Term > row.Term)
        {
            throw new InconsistentStateException($"Revision {number.ToString(CultureInfo.InvariantCulture)} of {workspace} is being published by a later activation.");
        }

        state.State = row;
        await storage.WriteStateAsync(name, RowId(number), state);
    }

    private GrainId RowId(long number) => GrainId.Create("revision", GrainKeys.Join(workspace, number.ToString("D10", CultureInfo.InvariantCulture)));
}
