namespace Sluice.Grains.Usage;

/// <summary>Where files of records rest: a folder, or a container of blobs. A name is a path with <c>/</c>.</summary>
public interface IRecordArchive
{
    /// <summary>Writes a file that is not there; when this returns it is durable, whole or not at all.</summary>
    Task WriteAsync(string name, ReadOnlyMemory<byte> content);

    /// <summary>A file, or null where it is not there.</summary>
    Task<byte[]?> ReadAsync(string name);

    /// <summary>Removes a file, where it is there.</summary>
    Task RemoveAsync(string name);
}
