using System.Net;

namespace Sluice.Revisions.Resources;

/// <summary>Where an upstream's addresses are looked for in place of a list. Two that say the same are equal. See docs/upstreams.md.</summary>
public abstract record UpstreamDiscovery
{
    /// <summary>What requests to the addresses say in <c>Host</c>, without a port, and which name their certificates must be for; null: each address says for itself.</summary>
    public abstract string? Host { get; }
}

/// <summary>Addresses that a name has in the domain name system.</summary>
/// <param name="Name">Fully qualified; of a service as <c>_http._tcp.orders.internal</c>.</param>
/// <param name="Port">At which they are; null: the name is a service's, whose records (SRV) tell port and weight of each.</param>
/// <param name="Family">Which addresses of a host are used.</param>
/// <param name="Servers">Who is asked, as addresses with ports, separated by commas; null: the edge's system's.</param>
/// <param name="Least">The shortest time after which it is asked again, whatever the answer says. Default 1 s.</param>
/// <param name="Most">The longest. Default 1 min.</param>
/// <param name="Form">How the addresses are spoken to.</param>
public sealed record DnsDiscovery(string Name, int? Port, AddressFamilies Family, string? Servers, TimeSpan Least, TimeSpan Most, AddressForm Form) : UpstreamDiscovery
{
    private const int StandardPort = 53;

    public override string? Host => Port is null ? null : Name;

    /// <summary>Reads where a name server is: an address, with a port where that is not 53.</summary>
    public static bool TryReadServer(string text, out IPEndPoint server)
    {
        var isRead = IPEndPoint.TryParse(text, out var read);
        server = isRead ? new IPEndPoint(read!.Address, read.Port is 0 ? StandardPort : read.Port) : new IPEndPoint(IPAddress.None, 0);
        return isRead;
    }

    public override string ToString() => $"dns {Name}";
}

/// <summary>Addresses in a file on the edge.</summary>
/// <param name="Name">Within the folder that the edge's settings name.</param>
public sealed record FileDiscovery(string Name) : UpstreamDiscovery
{
    public override string? Host => null;

    public override string ToString() => $"file {Name}";
}

/// <summary>The endpoints of a service of Kubernetes, from its EndpointSlices.</summary>
/// <param name="Namespace">The service's.</param>
/// <param name="Service">The service's name.</param>
/// <param name="Port">Name or number of one of the endpoints' ports; null: they have one.</param>
/// <param name="Form">How the addresses are spoken to.</param>
public sealed record KubernetesDiscovery(string Namespace, string Service, string? Port, AddressForm Form) : UpstreamDiscovery
{
    public override string? Host => $"{Service}.{Namespace}.svc";

    public override string ToString() => $"kubernetes {Namespace}/{Service}";
}

/// <summary>What discovered addresses have in common.</summary>
/// <param name="IsSecure">Whether they are spoken to over TLS.</param>
/// <param name="Path">What precedes the path of each request; <c>/</c>: nothing.</param>
public sealed record AddressForm(bool IsSecure, string Path);

/// <summary>Which addresses of a host are used.</summary>
public enum AddressFamilies
{
    Ipv4,
    Ipv6,
    Both,
}
