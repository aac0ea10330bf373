namespace Sluice.Storage.Records;

/// <summary>
/// All states of one cluster in one storage, for backup and restore. Subscriptions of streams are no part of it: they belong to edges that run, which
/// subscribe again.
/// </summary>
public interface IGrainRecords : IAsyncDisposable
{
    /// <summary>Every state as it stood at one moment, in no order, while silos may go on writing.</summary>
    IAsyncEnumerable<GrainRecord> ReadAsync(CancellationToken cancellation);

    /// <summary>Whether there is no state.</summary>
    Task<bool> IsEmptyAsync(CancellationToken cancellation);

    /// <summary>Silos that gave a sign of life after a time and were not declared dead.</summary>
    Task<IReadOnlyList<string>> LivingSilosAsync(DateTimeOffset since, CancellationToken cancellation);

    /// <summary>Removes what is there and writes these, both or neither. Subscriptions of streams and rows of silos are removed as well.</summary>
    Task ReplaceAsync(IAsyncEnumerable<GrainRecord> records, CancellationToken cancellation);
}
