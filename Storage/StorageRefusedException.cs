using Orleans;
using Orleans.Runtime;

namespace Sluice.Storage;

/// <summary>The store did not take a write; it may take it later. A full or a locked store has kept nothing of it.</summary>
[GenerateSerializer, Alias("sluice.storage-refused")]
public sealed class StorageRefusedException : OrleansException
{
    public StorageRefusedException()
    {
    }

    public StorageRefusedException(string message)
        : base(message)
    {
    }

    /// <param name="message">What failed, for people; names no secret.</param>
    /// <param name="innerException">What the store said.</param>
    public StorageRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether there is no room, so that someone must make some.</summary>
    [Id(0)]
    public bool IsFull { get; init; }
}
