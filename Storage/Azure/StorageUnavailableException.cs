using Orleans;

namespace Sluice.Storage.Azure;

/// <summary>Azure Storage did not do within the deadline what it was asked. The caller may try again; a write may have been done all the same.</summary>
[GenerateSerializer, Alias("sluice.storage-unavailable")]
public sealed class StorageUnavailableException : TimeoutException
{
    public StorageUnavailableException()
    {
    }

    public StorageUnavailableException(string message)
        : base(message)
    {
    }

    public StorageUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
