using Orleans.Storage;
using Sluice.Tests.Storage.Contracts;

namespace Sluice.Tests.Storage.Azure;

/// <summary>The official blob provider, as the setting <c>azure-blobs:</c> takes it.</summary>
public sealed class OfficialBlobStorageTests(AzureFixture fixture) : GrainStorageContract, IClassFixture<AzureFixture>
{
    protected override IGrainStorage Storage => fixture.Storage("official");
}
