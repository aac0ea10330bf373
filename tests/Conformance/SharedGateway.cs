using Sluice.Tests.Processes;

namespace Sluice.Tests.Conformance;

/// <summary>One gateway for the tests of one client.</summary>
public sealed class SharedGateway : IAsyncLifetime
{
    public Gateway Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Gateway = await Gateway.StartProcessAsync();

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();
}
