using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using k8s.Models;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams.Discovery;

/// <summary>The addresses that EndpointSlices tell (https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/). Plain rules.</summary>
internal static class EndpointAddresses
{
    private const string Ipv4 = "IPv4";
    private const string Ipv6 = "IPv6";

    /// <summary>
    /// Of the endpoints that are ready, and where none is of those that serve though they end. A service of both families has slices of each for the same pods: those of IPv4 are used.
    /// </summary>
    /// <exception cref="DiscoveryException">They have not the port that is declared, or several and none is.</exception>
    public static ImmutableArray<FoundAddress> Of(IEnumerable<V1EndpointSlice> slices, KubernetesDiscovery discovery)
    {
        var all = slices.Where(slice => slice.Endpoints?.Count > 0).ToList();
        var family = all.Exists(slice => slice.AddressType is Ipv4) ? Ipv4 : Ipv6;
        var endpoints = all.Where(slice => string.Equals(slice.AddressType, family, StringComparison.Ordinal)).SelectMany(slice => slice.Endpoints.Select(endpoint => (Endpoint: endpoint, Slice: slice))).ToList();
        var used = endpoints.Where(e => e.Endpoint.Conditions?.Ready is not false).ToList();
        used = used.Count > 0 ? used : [.. endpoints.Where(e => e.Endpoint.Conditions?.Serving is true)];
        return
        [
            .. used.SelectMany(e => (e.Endpoint.Addresses ?? []).Where(a => IPAddress.TryParse(a, out _))
                .Select(a => discovery.Form.At(IPAddress.Parse(a), PortOf(e.Slice, discovery), 1, discovery.Host!))),
        ];
    }

    private static int PortOf(V1EndpointSlice slice, KubernetesDiscovery discovery)
    {
        var ports = (slice.Ports ?? []).Where(p => p.Port is > 0 && p.Protocol is null or "TCP").ToList();
        var found = discovery.Port switch
        {
            null => ports.Count == 1 ? ports[0] : null,
            var wanted when int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => ports.Find(p => p.Port == number),
            var wanted => ports.Find(p => string.Equals(p.Name, wanted, StringComparison.Ordinal)),
        };
        return found?.Port ?? throw new DiscoveryException(discovery.Port is null
            ? $"its endpoints have {(ports.Count == 0 ? "no port" : "several ports")}; declare which: {string.Join(", ", ports.Select(p => p.Name))}"
            : $"its endpoints have no port '{discovery.Port}'; they have {string.Join(", ", ports.Select(p => FormattableString.Invariant($"{p.Name} ({p.Port})")))}");
    }
}
