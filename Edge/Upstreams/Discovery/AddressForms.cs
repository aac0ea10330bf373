using System.Net;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams.Discovery;

/// <summary>Makes addresses of what is discovered.</summary>
internal static class AddressForms
{
    /// <summary>One at an IP address and port.</summary>
    public static FoundAddress At(this AddressForm form, IPAddress address, int port, int weight, string host)
    {
        var (scheme, standard) = form.IsSecure ? (Uri.UriSchemeHttps, 443) : (Uri.UriSchemeHttp, 80);
        return new FoundAddress(
            new UriBuilder(scheme, address.ToString(), port, form.Path).Uri,
            weight,
            port == standard ? host : FormattableString.Invariant($"{host}:{port}"));
    }
}
