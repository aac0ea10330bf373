using System.Globalization;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Orleans.Runtime;

namespace Sluice.Storage.Azure;

/// <summary>
/// The row <c>layout</c> of a service: its format and its number of partitions, written when the service first uses the table, and a mark for as long as a
/// restore is under way. No storage opens a table that bears the mark.
/// </summary>
internal sealed class TableLayout(TableClient table, string service, Func<Attempts> start)
{
    private const string Row = "layout";
    private const string FormatName = "Format";
    private const string PartitionsName = "Partitions";
    private const string RestoreName = "Restore";

    private readonly string _partition = StateKey.Escape(service);

    /// <summary>Reads the row; null where the service never used the table.</summary>
    public async Task<StoredLayout?> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            var found = await start().RunAsync(token => table.GetEntityIfExistsAsync<TableEntity>(_partition, Row, cancellationToken: token), "read the layout of the table", cancellation);
            return found.HasValue ? Check(found.Value!) : null;
        }
        catch (RequestFailedException e) when (string.Equals(e.ErrorCode, TableErrorCode.TableNotFound.ToString(), StringComparison.Ordinal))
        {
            return null;
        }
    }

    /// <summary>Writes the row where it is not there, and refuses one that was made for another number of partitions.</summary>
    /// <exception cref="OrleansConfigurationException">Says what is stored.</exception>
    public async Task<StoredLayout> EnsureAsync(int partitions, CancellationToken cancellation)
    {
        try
        {
            await start().RunAsync(token => table.AddEntityAsync(Entity(partitions), token), "write the layout of the table", cancellation);
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            // Another silo, or an earlier start, has written it.
        }

        var stored = await ReadAsync(cancellation) ?? throw new OrleansConfigurationException($"The layout of the table {table.Name} was removed while it was read.");
        return stored.Partitions == partitions ? stored : throw new OrleansConfigurationException(string.Create(CultureInfo.InvariantCulture,
            $"Partitions must be {stored.Partitions}, with which the table {table.Name} was made; is {partitions}."));
    }

    /// <summary>Sets or takes away the mark of a restore, where nobody has done so since the row was read.</summary>
    /// <exception cref="InvalidDataException">Somebody has.</exception>
    public async Task<StoredLayout> MarkAsync(StoredLayout seen, string? restore, CancellationToken cancellation)
    {
        var entity = Entity(seen.Partitions);
        entity[RestoreName] = restore;
        try
        {
            await start().RunAsync(token => table.UpdateEntityAsync(entity, seen.ETag, TableUpdateMode.Replace, token), "write the layout of the table", cancellation);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            // Settled below: the answer of a try that was carried out may have been lost.
        }

        return await ReadAsync(cancellation) is { } now && string.Equals(now.Restore, restore, StringComparison.Ordinal)
            ? now
            : throw new InvalidDataException($"Another restore works on the table {table.Name}.");
    }

    private TableEntity Entity(int partitions) => new(_partition, Row) { [FormatName] = StateEntity.Format, [PartitionsName] = partitions };

    private StoredLayout Check(TableEntity entity) => entity.GetInt32(FormatName) is { } format && format <= StateEntity.Format
        ? new StoredLayout(entity.GetInt32(PartitionsName) ?? 0, entity.GetString(RestoreName), entity.ETag)
        : throw new OrleansConfigurationException($"The table {table.Name} was made by a newer Sluice; this one knows formats up to {StateEntity.Format}.");
}

/// <summary>The layout of a service as it was read.</summary>
/// <param name="Restore">The mark of a restore that is under way, or was broken off; null: there is none.</param>
internal sealed record StoredLayout(int Partitions, string? Restore, ETag ETag);
