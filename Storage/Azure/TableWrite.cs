using Azure;
using Azure.Data.Tables;

namespace Sluice.Storage.Azure;

/// <summary>A write of one row under compare-and-swap, and where its answer goes.</summary>
/// <param name="Expected">The ETag that must be stored now; null: there must be no row.</param>
/// <param name="Entity">The row that shall be; null: none.</param>
internal sealed record TableWrite(StateKey Key, ETag? Expected, TableEntity? Entity, Attempts Attempts)
{
    // A transaction's body is text: bytes become base64, and each operation brings headers and names.
    private const int EnvelopeBytes = 2048;

    /// <summary>Completed once, with what became of the write.</summary>
    public TaskCompletionSource<TableWriteOutcome> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How much of a transaction's 4 MiB it takes.</summary>
    public int Bytes { get; } = EnvelopeBytes + (Entity is null ? 0 : Key.Name.Length + (StateEntity.Payload(Entity).Length / 3 * 4));

    /// <summary>The write as a part of a transaction.</summary>
    public TableTransactionAction Action => (Entity, Expected) switch
    {
        (null, _) => new TableTransactionAction(TableTransactionActionType.Delete, new TableEntity(Key.Partition, Key.Row), Expected!.Value),
        (_, null) => new TableTransactionAction(TableTransactionActionType.Add, Entity),
        _ => new TableTransactionAction(TableTransactionActionType.UpdateReplace, Entity, Expected.Value),
    };

    /// <summary>Whether a stored row, or none, is what this write leaves behind.</summary>
    public bool Made(TableEntity? stored) => Entity is null
        ? stored is null
        : stored is not null && string.Equals(StateEntity.Operation(stored), StateEntity.Operation(Entity), StringComparison.Ordinal);
}

/// <summary>What became of a write.</summary>
/// <param name="Done">False: another ETag was stored, and nothing was changed.</param>
/// <param name="Stored">The ETag that is stored now; null for no row, or where it was not looked at.</param>
internal readonly record struct TableWriteOutcome(bool Done, ETag? Stored);
