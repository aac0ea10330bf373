using Sluice.Grains.CallLog;
using Sluice.Storage.Files;

namespace Sluice.Silo.CallLog;

/// <summary>Files of the call log where the cluster's states rest: in the folder <c>calls</c> beside the database, or in the storage account, from where those that are searched are copied to this machine.</summary>
internal sealed class CallArchive : ICallArchive
{
    private const string Container = "sluice-calls";
    private const string Name = "calls";
    private const string Columns = "columns";
    private const long MostCopied = 2L * 1024 * 1024 * 1024;
    private readonly IStoredFiles _files;
    private readonly FolderFiles? _copies;
    private readonly SemaphoreSlim _turn = new(1);
    private volatile bool _hasColumns;

    private CallArchive(IStoredFiles files, string folder, FolderFiles? copies) => (_files, Folder, _copies) = (files, folder, copies);

    /// <summary>Where files are read, absolute.</summary>
    public string Folder { get; }

    /// <summary>The archive of a silo.</summary>
    public static CallArchive Of(SiloOptions options)
    {
        var location = StorageLocation.Parse(options.Storage, options.Data);
        var folder = Path.GetFullPath(location.Azure is null ? Path.Combine(Path.GetDirectoryName(location.Path!)!, Name) : Path.Combine(options.Data, "copies", Name));
        var local = new FolderFiles(folder);
        return location.Azure is { } account ? new CallArchive(new BlobFiles(account, Container), folder, local) : new CallArchive(local, folder, null);
    }

    public Task WriteAsync(string name, ReadOnlyMemory<byte> content) => _files.WriteAsync(name, content, CancellationToken.None);

    public Task<byte[]?> ReadAsync(string name) => _files.ReadAsync(name, CancellationToken.None);

    public async Task RemoveAsync(string name)
    {
        await _files.RemoveAsync(name, CancellationToken.None);
        if (_copies is not null)
        {
            await _copies.RemoveAsync(name, CancellationToken.None);
        }
    }

    public async Task<string?> PathOfAsync(string name, CancellationToken cancellation)
    {
        var path = Path.Combine(Folder, name.Replace('/', Path.DirectorySeparatorChar));
        if (File.Exists(path))
        {
            return path;
        }

        if (_copies is null || await _files.ReadAsync(name, cancellation) is not { } content)
        {
            return null;
        }

        await _turn.WaitAsync(cancellation);
        try
        {
            MakeRoom(content.Length);
            await _copies.WriteAsync(name, content, cancellation);
            return path;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A file without calls, with every column: beside it files of earlier releases, which lack some, are read as if these were empty.</summary>
    public async Task<string> ColumnsAsync(CancellationToken cancellation)
    {
        var path = Path.Combine(Folder, Columns);
        if (!_hasColumns || !File.Exists(path))
        {
            await new FolderFiles(Folder).WriteAsync(Columns, await CallParquet.WriteAsync([]), cancellation);
            _hasColumns = true;
        }

        return path;
    }

    // The oldest copies go first.
    private void MakeRoom(long bytes)
    {
        var folder = new DirectoryInfo(Folder);
        if (!folder.Exists)
        {
            return;
        }

        var copies = folder.EnumerateFiles("*.parquet", SearchOption.AllDirectories).OrderBy(file => file.CreationTimeUtc).ToList();
        var taken = copies.Sum(file => file.Length) + bytes;
        foreach (var file in copies.TakeWhile(_ => taken > MostCopied))
        {
            taken -= file.Length;
            file.Delete();
        }
    }
}
