using Sluice.Storage;
using Sluice.Storage.Azure;
using Sluice.Storage.Files;
using Sluice.Tests.Storage.Azure;
using Sluice.Tests.Storage.Contracts;

namespace Sluice.Tests.Storage.Files;

public sealed class BlobFilesTests(Azurite azurite) : StoredFilesContract, IClassFixture<Azurite>
{
    private readonly string _container = $"usage-{Guid.NewGuid():n}";

    protected override IStoredFiles Files
    {
        get
        {
            Azurite.Require();
            return new BlobFiles(AzureAccount.Parse(azurite.ConnectionString()), _container);
        }
    }

    [Fact]
    public async Task Files_are_read_by_another_silo()
    {
        await Files.WriteAsync("a/b", new byte[] { 1, 2 }, TestContext.Current.CancellationToken);

        Assert.Equal([1, 2], await Files.ReadAsync("a/b", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_container_that_cannot_be_is_said()
    {
        Azurite.Require();
        var files = new BlobFiles(AzureAccount.Parse(azurite.ConnectionString()), "NotAName");

        await Assert.ThrowsAsync<StorageRefusedException>(() => files.WriteAsync("a", new byte[] { 1 }, TestContext.Current.CancellationToken));
    }
}
