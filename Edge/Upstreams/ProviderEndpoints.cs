using System.Runtime.CompilerServices;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.Sandbox;
using Sluice.Edge.Upstreams.Http1;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams;

/// <summary>Where a provider's operations are called, prepared once for each declared provider.</summary>
internal sealed class ProviderEndpoints(Connections connections, SandboxProvider sandbox) : IDisposable
{
    private static readonly Uri SandboxAddress = new("http://sandbox.invalid/v1");
    private readonly ConditionalWeakTable<ProviderResource, Endpoint> _known = [];
    private readonly HttpMessageInvoker _sandbox = new(sandbox, disposeHandler: false);

    /// <summary>The endpoint of a provider.</summary>
    public Endpoint Of(ProviderResource provider) =>
        _known.TryGetValue(provider, out var endpoint) ? endpoint : _known.GetValue(provider, Create);

    public void Dispose() => _sandbox.Dispose();

    private Endpoint Create(ProviderResource provider)
    {
        var isSandbox = provider.Dialect is ProviderDialect.Sandbox;
        var address = provider.Address ?? SandboxAddress;
        return new Endpoint(
            isSandbox ? null : connections.DirectTo(address, provider.Timeouts.Connect),
            isSandbox ? _sandbox : connections.For(provider),
            address.AbsoluteUri.TrimEnd('/'),
            DialectTable.Of(provider.Dialect));
    }
}
