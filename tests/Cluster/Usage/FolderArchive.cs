using Sluice.Grains.CallLog;
using Sluice.Storage.Files;

namespace Sluice.Tests.Cluster.Usage;

/// <summary>Files of records in a folder; a test may have it fail, and minds its own workspace only.</summary>
public sealed class FolderArchive(string folder) : ICallArchive
{
    private readonly FolderFiles _files = new(folder);

    /// <summary>Called with a file's name after it was written.</summary>
    public Func<string, Task> OnWritten { get; set; } = static _ => Task.CompletedTask;

    /// <summary>The files of a workspace.</summary>
    public string[] FilesOf(string workspace) =>
        Directory.Exists(Path.Combine(folder, workspace)) ? Directory.GetFiles(Path.Combine(folder, workspace), "*", SearchOption.AllDirectories) : [];

    public async Task WriteAsync(string name, ReadOnlyMemory<byte> content)
    {
        await _files.WriteAsync(name, content, CancellationToken.None);
        await OnWritten(name);
    }

    public Task<byte[]?> ReadAsync(string name) => _files.ReadAsync(name, CancellationToken.None);

    public Task<string?> PathOfAsync(string name, CancellationToken cancellation) =>
        Task.FromResult(Path.Combine(folder, name) is var path && File.Exists(path) ? path : null);

    public Task RemoveAsync(string name) => _files.RemoveAsync(name, CancellationToken.None);
}
