using System.Globalization;
using System.Net;
using Sluice.Silo.Clustering.Tls;

namespace Sluice.Silo.Clustering;

/// <summary>
/// The rule of the cluster's ports: whoever reaches them is inside the trust boundary, so off loopback they want mutual TLS. Refuses a start that would
/// break it, and says what to do.
/// </summary>
public static class ClusterBoundary
{
    /// <summary>What a silo's settings break; empty where all is right.</summary>
    public static IEnumerable<string> CheckSilo(SiloOptions options)
    {
        if (!IPAddress.TryParse(options.ListenSilo, out var listen))
        {
            yield return $"ListenSilo must be an IP address such as 127.0.0.1, is '{options.ListenSilo}'";
            yield break;
        }

        if (options.Advertise is { } text && (!IPAddress.TryParse(text, out var told) || IsAny(told)))
        {
            yield return $"Advertise must be the IP address at which others reach this silo, is '{text}'";
        }
        else if (options.Advertise is null && IsAny(listen))
        {
            yield return $"ListenSilo {listen} is every address: say with Advertise (--advertise) at which one others reach this silo";
        }

        foreach (var error in CheckAdvertisedPorts(options))
        {
            yield return error;
        }

        if (!IPAddress.IsLoopback(listen) && options.Tls.IsEmpty && !options.InsecureCluster)
        {
            yield return $"ListenSilo {listen} is not loopback, and whoever reaches a silo's ports may call anything: {Remedy("silo")}";
        }
    }

    /// <summary>What the gateways of an edge break; empty where all is right.</summary>
    public static IEnumerable<string> CheckEdge(SiloOptions options)
    {
        foreach (var text in GatewayTexts(options))
        {
            if (!IPEndPoint.TryParse(text, out var gateway) || gateway.Port is 0)
            {
                yield return $"Gateways must be addresses with ports such as 10.0.0.5:30000, separated by commas; '{text}' is none";
            }
            else if (!IPAddress.IsLoopback(gateway.Address) && options.Tls.IsEmpty && !options.InsecureCluster)
            {
                yield return $"Gateways has {gateway}, which is not loopback, and keys and secrets would pass in clear: {Remedy("edge")}";
            }
        }
    }

    /// <summary>Where an edge finds silos; valid settings only.</summary>
    public static IPEndPoint[] Gateways(SiloOptions options) =>
        options.Gateways is null ? [new IPEndPoint(IPAddress.Loopback, options.GatewayPort)] : [.. GatewayTexts(options).Select(IPEndPoint.Parse)];

    /// <summary>The files of TLS, read and found to be this process's; null: it goes without.</summary>
    /// <exception cref="SiloStartException">The files are not what they must be.</exception>
    public static CertificateFiles? Credentials(SiloOptions options, ClusterRole role) =>
        options.Tls.IsEmpty ? null : new CertificateFiles(options.Tls, options.ClusterName, role);

    // A port that is mapped is mapped to a port that is known.
    private static IEnumerable<string> CheckAdvertisedPorts(SiloOptions options)
    {
        foreach (var (name, advertised, listening, listens) in new[]
        {
            (nameof(options.AdvertiseSiloPort), options.AdvertiseSiloPort, nameof(options.SiloPort), options.SiloPort),
            (nameof(options.AdvertiseGatewayPort), options.AdvertiseGatewayPort, nameof(options.GatewayPort), options.GatewayPort),
        })
        {
            if (advertised is < 1 or > IPEndPoint.MaxPort)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{name} must be 1 to {IPEndPoint.MaxPort}, the port at which others reach {listening}; is {advertised}");
            }
            else if (advertised is not null && listens is 0)
            {
                yield return $"{name} says where others reach {listening}, which is any free port: give {listening} the one that is mapped";
            }
        }

        if (options.AdvertiseSiloPort is { } silo && silo == options.AdvertiseGatewayPort)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"AdvertiseSiloPort and AdvertiseGatewayPort must differ: {silo} is there twice");
        }
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static string[] GatewayTexts(SiloOptions options) =>
        options.Gateways?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static string Remedy(string role) =>
        $"make certificates with 'sluice pki init' and 'sluice pki issue --role {role}', and name them in SLUICE__TLS__CA, SLUICE__TLS__CERTIFICATE and SLUICE__TLS__KEY "
        + "(SLUICE__INSECURECLUSTER=true goes without, for networks where every machine is trusted)";
}
