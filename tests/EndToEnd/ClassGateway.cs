using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd;

/// <summary>One gateway for the tests of a class, within their own process.</summary>
public class ClassGateway : IAsyncLifetime
{
    public Gateway Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Gateway = await Gateway.StartAsync();

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();
}
