using System.Text;
using Sluice.Edge.Upstreams.Discovery;
using Sluice.Edge.Upstreams.Http1;

namespace Sluice.Edge.Upstreams;

/// <summary>One address of an upstream, with what is known of it.</summary>
/// <param name="found">As declared or discovered.</param>
/// <param name="state">Its health and load.</param>
/// <param name="direct">Its connections where they need neither TLS nor HTTP/2; null for others.</param>
internal sealed class UpstreamAddress(FoundAddress found, AddressState state, Http1Pool? direct)
{
    /// <summary>As declared or discovered.</summary>
    public FoundAddress Found => found;

    /// <summary>The address.</summary>
    public Uri Address => found.Address;

    /// <summary>The address as text.</summary>
    public string Text { get; } = found.Address.AbsoluteUri;

    /// <summary>The path that precedes that of each request, without a slash at its end.</summary>
    public string PathStart { get; } = found.Address.AbsolutePath.TrimEnd('/');

    /// <summary>What requests say in <c>Host</c>, for those of <see cref="Direct"/>.</summary>
    public byte[] HostHeader { get; } = found.Host is { } host ? Encoding.ASCII.GetBytes(host) : direct?.HostHeader ?? [];

    /// <summary>In proportion to others'.</summary>
    public int Weight => found.Weight;

    /// <summary>Its health and load.</summary>
    public AddressState State => state;

    /// <summary>Its connections where they need neither TLS nor HTTP/2; null for others.</summary>
    public Http1Pool? Direct => direct;
}
