using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd;

/// <summary>One gateway, as a process, for all tests that do not end it; each works with tenants and resources of names of its own.</summary>
public sealed class SharedGateway : IAsyncLifetime
{
    public Gateway Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Gateway = await Gateway.StartProcessAsync();

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();
}
