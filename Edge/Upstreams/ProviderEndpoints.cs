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
        var dialect = DialectTable.Of(provider.Dialect);
        var start = address.AbsoluteUri.TrimEnd('/');
        return new Endpoint(
            isSandbox ? null : connections.DirectTo(address, provider.Timeouts.Connect),
            isSandbox ? _sandbox : connections.For(provider),
            new Uri($"{start}{dialect.Path}"),
            new Uri($"{start}/embeddings"),
            dialect.CountPath is { } path ? new Uri($"{start}{path}") : null);
    }
}

/// <summary>How one provider is called.</summary>
/// <param name="Direct">Its connections where they need neither TLS nor HTTP/2; null for others.</param>
/// <param name="Connections">Its connections of .NET's own client.</param>
/// <param name="Chat">Where it is asked for answers.</param>
/// <param name="Embeddings">Where it is asked for embeddings.</param>
/// <param name="CountTokens">Where it is asked how many tokens a request has; null: nowhere.</param>
internal sealed record Endpoint(Http1Pool? Direct, HttpMessageInvoker Connections, Uri Chat, Uri Embeddings, Uri? CountTokens);
