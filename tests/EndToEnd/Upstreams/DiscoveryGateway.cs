using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Upstreams;

/// <summary>A gateway whose upstreams may be found in files, and a name server.</summary>
public sealed class DiscoveryGateway : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public Gateway Gateway { get; private set; } = null!;

    public NameServer Names { get; } = new();

    public async ValueTask InitializeAsync() => Gateway = await Gateway.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE__EDGE__DISCOVERY"] = _folder.Path });

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Names.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Puts a file of addresses in the place of the one before.</summary>
    public void Write(string name, string text)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllText($"{path}.new", text);
        File.Move($"{path}.new", path, overwrite: true);
    }
}
