using Orleans.Storage;
using Sluice.Storage.Records;
using Sluice.Storage.Sqlite;
using Sluice.Tests.Storage.Contracts;

namespace Sluice.Tests.Storage.Sqlite;

public sealed class SqliteGrainRecordsTests(StorageFixture fixture) : GrainRecordsContract, IClassFixture<StorageFixture>
{
    protected override IGrainStorage Storage => fixture.Storage;

    protected override IGrainStorage PubSubStore => fixture.PubSubStore;

    protected override Task<IGrainRecords> OpenAsync(string cluster, bool make = true) =>
        Task.FromResult<IGrainRecords>(SqliteGrainRecords.Open(fixture.Database, cluster, make, TimeProvider.System));
}
