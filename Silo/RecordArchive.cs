using Sluice.Grains.Usage;
using Sluice.Storage.Files;

namespace Sluice.Silo;

/// <summary>Files of records where the cluster's states rest: beside the database, or in the same storage account.</summary>
internal sealed class RecordArchive(IStoredFiles files) : IRecordArchive
{
    private const string Container = "sluice-usage";
    private const string Folder = "usage";

    /// <summary>The archive of a silo.</summary>
    public static RecordArchive Of(SiloOptions options)
    {
        var location = StorageLocation.Parse(options.Storage, options.Data);
        return new RecordArchive(location.Azure is { } account ? new BlobFiles(account, Container) : new FolderFiles(Path.Combine(Path.GetDirectoryName(location.Path!)!, Folder)));
    }

    public Task WriteAsync(string name, ReadOnlyMemory<byte> content) => files.WriteAsync(name, content, CancellationToken.None);

    public Task<byte[]?> ReadAsync(string name) => files.ReadAsync(name, CancellationToken.None);

    public Task RemoveAsync(string name) => files.RemoveAsync(name, CancellationToken.None);
}
