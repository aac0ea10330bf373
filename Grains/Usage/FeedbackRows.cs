using System.Collections.Immutable;
using System.Globalization;
using Orleans.Runtime;
using Orleans.Storage;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>Some scores, as stored.</summary>
internal sealed record StoredScores(ImmutableArray<RequestScore> Scores)
{
    public StoredScores()
        : this([])
    {
    }
}

/// <summary>The scores of one tenant's day, in rows of a bounded number: what is written for one score does not grow with the day.</summary>
internal sealed class FeedbackRows(IGrainStorage storage, string day)
{
    private const string Name = "scores";

    /// <summary>A row; where there is none, one that can be written.</summary>
    public async Task<GrainState<StoredScores>> ReadAsync(int number)
    {
        var row = new GrainState<StoredScores>();
        await storage.ReadStateAsync(Name, RowId(number), row);
        row.State ??= new StoredScores();
        return row;
    }

    /// <summary>Writes a row that was read.</summary>
    /// <exception cref="InconsistentStateException">Another activation has written it since.</exception>
    public Task WriteAsync(int number, GrainState<StoredScores> row) => storage.WriteStateAsync(Name, RowId(number), row);

    /// <summary>Removes a row, where it is there.</summary>
    public async Task RemoveAsync(int number)
    {
        if (await ReadAsync(number) is { RecordExists: true } row)
        {
            await storage.ClearStateAsync(Name, RowId(number), row);
        }
    }

    private GrainId RowId(int number) => GrainId.Create("usage-scores", GrainKeys.Join(day, number.ToString("D6", CultureInfo.InvariantCulture)));
}
