namespace Sluice.Storage.Files;

/// <summary>Files that are written once and read whole. A name is a path with <c>/</c>; its parts are letters, digits and <c>. _ - =</c>, and none begins with a dot.</summary>
public interface IStoredFiles
{
    /// <summary>Writes a file, in place of one of its name; when this returns it is durable, whole or not at all.</summary>
    /// <exception cref="StorageRefusedException">It was not written; it may be later.</exception>
    Task WriteAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation);

    /// <summary>A file, or null where it is not there.</summary>
    /// <exception cref="StorageRefusedException">It could not be read; it may be later.</exception>
    Task<byte[]?> ReadAsync(string name, CancellationToken cancellation);

    /// <summary>Removes a file, where it is there.</summary>
    /// <exception cref="StorageRefusedException">It could not be removed; it may be later.</exception>
    Task RemoveAsync(string name, CancellationToken cancellation);
}
