using Orleans.Storage;
using Sluice.Tests.Storage.Contracts;

namespace Sluice.Tests.Storage.Sqlite;

public sealed class SqliteGrainStorageTests(StorageFixture fixture) : GrainStorageContract, IClassFixture<StorageFixture>
{
    protected override IGrainStorage Storage => fixture.Storage;
}
