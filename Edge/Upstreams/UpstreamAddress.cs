using Sluice.Edge.Upstreams.Http1;

namespace Sluice.Edge.Upstreams;

/// <summary>One address of an upstream, with what is known of it.</summary>
/// <param name="address">As declared.</param>
/// <param name="state">Its health and load.</param>
/// <param name="direct">Its connections where they need neither TLS nor HTTP/2; null for others.</param>
internal sealed class UpstreamAddress(Uri address, AddressState state, Http1Pool? direct)
{
    /// <summary>The address.</summary>
    public Uri Address => address;

    /// <summary>The address as text.</summary>
    public string Text { get; } = address.AbsoluteUri;

    /// <summary>The path that precedes that of each request, without a slash at its end.</summary>
    public string PathStart { get; } = address.AbsolutePath.TrimEnd('/');

    /// <summary>Its health and load.</summary>
    public AddressState State => state;

    /// <summary>Its connections where they need neither TLS nor HTTP/2; null for others.</summary>
    public Http1Pool? Direct => direct;
}
