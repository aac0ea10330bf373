using System.Globalization;
using Orleans.Storage;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>The batches of one tenant's day, each in a row of its own. A row is written once: an activation that was replaced unawares finds its place taken.</summary>
internal sealed class BatchRows(IGrainStorage storage, string day)
{
    private const string Name = "batch";

    /// <summary>The batch of a number, or null.</summary>
    public async Task<UsageBatch?> FindAsync(long number) => await ReadAsync(number) is { RecordExists: true } row ? row.State!.Batch : null;

    /// <summary>Writes the batch of a number that has none.</summary>
    /// <exception cref="InconsistentStateException">Another activation has.</exception>
    public Task AddAsync(long number, UsageBatch batch) => storage.WriteStateAsync(Name, RowId(number), new GrainState<StoredBatch> { State = new StoredBatch(batch) });

    /// <summary>Removes a batch, where it is there.</summary>
    public async Task RemoveAsync(long number)
    {
        if (await ReadAsync(number) is { RecordExists: true } row)
        {
            await storage.ClearStateAsync(Name, RowId(number), row);
        }
    }

    private async Task<GrainState<StoredBatch>> ReadAsync(long number)
    {
        var row = new GrainState<StoredBatch>();
        await storage.ReadStateAsync(Name, RowId(number), row);
        return row;
    }

    private GrainId RowId(long number) => GrainId.Create("usage-batch", GrainKeys.Join(day, number.ToString("D10", CultureInfo.InvariantCulture)));
}
