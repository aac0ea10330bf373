using Sluice.Silo;
using Sluice.Silo.CallLog;
using Sluice.Tests.Processes;
using Sluice.Tests.Storage.Azure;

namespace Sluice.Tests.Storage.Files;

/// <summary>The call log's files in a storage account: written there, searched by copies on the silo's own disk.</summary>
public sealed class CallArchiveTests(Azurite azurite) : IClassFixture<Azurite>
{
    [Fact]
    public async Task What_is_searched_is_copied_once_and_the_copy_goes_with_the_file()
    {
        Azurite.Require();
        using var folder = new TemporaryFolder();
        using var other = new TemporaryFolder();
        var (writing, searching) = (Of(folder), Of(other));
        var name = $"w{Guid.NewGuid():n}/20300102/03/a.parquet";
        Assert.Null(await searching.PathOfAsync(name, TestContext.Current.CancellationToken));

        await writing.WriteAsync(name, new byte[] { 1, 2, 3 });

        var path = await searching.PathOfAsync(name, TestContext.Current.CancellationToken);
        Assert.StartsWith(Path.Combine(other.Path, "copies", "calls"), path, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(path!, TestContext.Current.CancellationToken));
        Assert.False(Directory.Exists(writing.Folder));

        // It is read where it is once it is here.
        await writing.RemoveAsync(name);
        Assert.Null(await searching.ReadAsync(name));
        Assert.Equal(path, await searching.PathOfAsync(name, TestContext.Current.CancellationToken));
        await searching.RemoveAsync(name);
        Assert.Null(await searching.PathOfAsync(name, TestContext.Current.CancellationToken));
        Assert.True(File.Exists(await searching.ColumnsAsync(TestContext.Current.CancellationToken)));
    }

    private CallArchive Of(TemporaryFolder folder) => CallArchive.Of(new SiloOptions { Data = folder.Path, Storage = $"azure:{azurite.ConnectionString()}" });
}
