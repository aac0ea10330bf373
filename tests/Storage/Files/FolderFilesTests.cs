using Sluice.Storage;
using Sluice.Storage.Files;
using Sluice.Tests.Storage.Contracts;

namespace Sluice.Tests.Storage.Files;

public sealed class FolderFilesTests : StoredFilesContract, IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sluice-files-").FullName;

    protected override IStoredFiles Files => new FolderFiles(Path.Combine(_root, "usage"));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Only_the_owner_may_read_a_file()
    {
        await Files.WriteAsync("a/b", new byte[] { 1 }, TestContext.Current.CancellationToken);

        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Path.Combine(_root, "usage", "a", "b")) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.Equal(["b"], Directory.GetFiles(Path.Combine(_root, "usage", "a")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_disk_that_does_not_take_a_file_is_said_and_leaves_nothing()
    {
        await File.WriteAllTextAsync(Path.Combine(_root, "usage"), "a file where the folder should be", TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<StorageRefusedException>(() => Files.WriteAsync("a/b", new byte[] { 1 }, TestContext.Current.CancellationToken));
        Assert.Equal(["usage"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName));
    }
}
