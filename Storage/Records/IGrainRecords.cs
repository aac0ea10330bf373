namespace Sluice.Storage.Records;

/// <summary>
/// All states of one cluster in one storage, for backup and restore. Subscriptions of streams are no part of it: they belong to edges that run, which
/// subscribe again.
/// </summary>
public interface IGrainRecords : IAsyncDisposable
{
    /// <summary>
    /// Every state, in no order, while silos may go on writing. Each is whole, as it stood at some moment of the reading; in a storage that can give it, all are
    /// of one moment.
    /// </summary>
    IAsyncEnumerable<GrainRecord> ReadAsync(CancellationToken cancellation);

    /// <summary>Whether there is no state, or only what a restore that was broken off has left.</summary>
    Task<bool> IsEmptyAsync(CancellationToken cancellation);

    /// <summary>Silos that gave a sign of life after a time and were not declared dead.</summary>
    Task<IReadOnlyList<string>> LivingSilosAsync(DateTimeOffset since, CancellationToken cancellation);

    /// <summary>
    /// Removes what is there and writes these. Subscriptions of streams and rows of silos are removed as well. A storage that cannot do both or neither lets no silo
    /// start on it until a replacement was finished and read back.
    /// </summary>
    /// <param name="records">What shall be there.</param>
    /// <param name="refuse">Called once no silo can start on the storage any more, and before anything is changed; throws what speaks against it.</param>
    /// <exception cref="UnfinishedRestoreException">Something was changed, and not all of it.</exception>
    Task ReplaceAsync(IAsyncEnumerable<GrainRecord> records, Func<CancellationToken, Task> refuse, CancellationToken cancellation);
}

/// <summary>A replacement was broken off half-way. No silo starts on the storage until another one is finished.</summary>
public sealed class UnfinishedRestoreException(string message, Exception inner) : Exception(message, inner);
