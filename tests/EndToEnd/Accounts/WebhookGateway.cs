using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Accounts;

/// <summary>A gateway whose webhooks may be on this machine, and are soon called again.</summary>
public sealed class WebhookGateway : IAsyncLifetime
{
    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal) { ["SLUICE__WEBHOOKS__OPENRANGES"] = "127.0.0.0/8", ["SLUICE__WEBHOOKS__FIRSTRETRY"] = "100ms" };

    public Gateway Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Gateway = await Gateway.StartAsync(Settings);

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();
}
