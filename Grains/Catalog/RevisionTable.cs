using System.Globalization;
using Orleans.Storage;
using Sluice.Grains.Interfaces;

namespace Sluice.Grains.Catalog;

/// <summary>The rows of one workspace's revisions, by number and name.</summary>
internal sealed class RevisionTable(IGrainStorage storage, string workspace)
{
    /// <summary>A row, or none.</summary>
    public async Task<T?> FindRowAsync<T>(long number)
        where T : class, IRevisionRow
    {
        var state = await ReadAsync<T>(number);
        return state.RecordExists ? state.State : null;
    }

    /// <summary>A row; the caller knows that the revision is published.</summary>
    /// <exception cref="InvalidDataException">It is not there.</exception>
    public async Task<T> ReadRowAsync<T>(long number)
        where T : class, IRevisionRow =>
        await FindRowAsync<T>(number) ?? throw Missing(number, T.RowName);

    /// <summary>A row of a published revision is not there.</summary>
    public InvalidDataException Missing(long number, string what) =>
        new($"Revision {number.ToString(CultureInfo.InvariantCulture)} of {workspace} is published, but its {what} is not in storage.");

    /// <summary>Writes a row, unless a later activation has.</summary>
    /// <exception cref="InconsistentStateException">It has.</exception>
    public async Task PutAsync<T>(long number, T row)
        where T : class, IRevisionRow
    {
        var state = await ReadAsync<T>(number);
        if (state.RecordExists && state.State!.Term > row.Term)
        {
            throw new InconsistentStateException($"Revision {number.ToString(CultureInfo.InvariantCulture)} of {workspace} is being published by a later activation.");
        }

        state.State = row;
        await storage.WriteStateAsync(T.RowName, RowId(number), state);
    }

    /// <summary>Changes a row that is there; where <paramref name="change"/> gives it back as it is, nothing is written.</summary>
    public async Task ChangeAsync<T>(long number, Func<T, T> change)
        where T : class, IRevisionRow
    {
        var state = await ReadAsync<T>(number);
        if (state.RecordExists && change(state.State!) is var next && !ReferenceEquals(next, state.State))
        {
            state.State = next;
            await storage.WriteStateAsync(T.RowName, RowId(number), state);
        }
    }

    private async Task<GrainState<T>> ReadAsync<T>(long number)
        where T : class, IRevisionRow
    {
        var state = new GrainState<T>();
        await storage.ReadStateAsync(T.RowName, RowId(number), state);
        return state;
    }

    private GrainId RowId(long number) => GrainId.Create("revision", GrainKeys.Join(workspace, number.ToString("D10", CultureInfo.InvariantCulture)));
}
