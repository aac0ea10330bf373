using Orleans.Storage;
using Sluice.Tests.Storage.Contracts;

namespace Sluice.Tests.Storage.Azure;

/// <summary>The same promises where group commit is off.</summary>
public sealed class SingleWriteTests(AzureFixture fixture) : GrainStorageContract, IClassFixture<AzureFixture>
{
    protected override IGrainStorage Storage => fixture.Storage("single");
}
