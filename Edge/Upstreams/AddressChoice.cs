using System.Runtime.CompilerServices;
using Sluice.Edge.Upstreams.Discovery;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams;

/// <summary>The addresses of each upstream that a revision declares, among which one is chosen for each request.</summary>
internal sealed class AddressChoice(UpstreamHealth health, Connections connections, Discoveries discoveries)
{
    private readonly ConditionalWeakTable<UpstreamResource, UpstreamSet> _known = [];

    /// <summary>Those of an upstream.</summary>
    public UpstreamSet Of(UpstreamResource upstream) => _known.TryGetValue(upstream, out var known) ? known : _known.GetValue(upstream, made => new UpstreamSet(made, health, connections, discoveries));
}
