using System.Globalization;
using Orleans.Storage;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>The batches of one tenant's day, each in a row of its own. A row is written once: an activation that was replaced unawares finds its place taken.</summary>
internal sealed class BatchRows(IGrainStorage storage, string day)
{
    private const string Name = "batch";

    // Of rows that this activation wrote or read: what is to be removed need not be read whole once more for its tag.
    private readonly Dictionary<long, string> _tags = [];

    /// <summary>The batch of a number, or null.</summary>
    public async Task<UsageBatch?> FindAsync(long number) => await ReadAsync(number) is { RecordExists: true } row ? row.State!.Batch : null;

    /// <summary>Writes the batch of a number that has none.</summary>
    /// <exception cref="InconsistentStateException">Another activation has.</exception>
    public async Task AddAsync(long number, UsageBatch batch)
    {
        var row = new GrainState<StoredBatch> { State = new StoredBatch(batch) };
        await storage.WriteStateAsync(Name, RowId(number), row);
        _tags[number] = row.ETag!;
    }

    /// <summary>Removes a batch, where it is there.</summary>
    public async Task RemoveAsync(long number)
    {
        if (_tags.Remove(number, out var tag) && await TryClearAsync(number, tag))
        {
            return;
        }

        if (await ReadAsync(number) is { RecordExists: true } row)
        {
            await storage.ClearStateAsync(Name, RowId(number), row);
        }

        _tags.Remove(number);
    }

    private async Task<bool> TryClearAsync(long number, string tag)
    {
        try
        {
            await storage.ClearStateAsync(Name, RowId(number), new GrainState<StoredBatch> { ETag = tag, RecordExists = true });
            return true;
        }
        catch (InconsistentStateException)
        {
            // Another activation removed it, or wrote one of this number in its place.
            return false;
        }
    }

    private async Task<GrainState<StoredBatch>> ReadAsync(long number)
    {
        var row = new GrainState<StoredBatch>();
        await storage.ReadStateAsync(Name, RowId(number), row);
        if (row.RecordExists)
        {
            _tags[number] = row.ETag!;
        }

        return row;
    }

    private GrainId RowId(long number) => GrainId.Create("usage-batch", GrainKeys.Join(day, number.ToString("D10", CultureInfo.InvariantCulture)));
}
