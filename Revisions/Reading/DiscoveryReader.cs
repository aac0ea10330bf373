using System.Net;
using System.Text.RegularExpressions;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads an upstream's <c>discovery</c>.</summary>
internal static partial class DiscoveryReader
{
    public static UpstreamDiscovery? Read(Fields fields)
    {
        if (fields.Object("discovery") is not { } discovery)
        {
            return null;
        }

        if (fields.Has("addresses"))
        {
            fields.Wrong("discovery", "stands beside addresses; give one of the two");
        }

        string[] ways = [.. new[] { "dns", "file", "kubernetes" }.Where(discovery.Has)];
        if (ways.Length != 1)
        {
            fields.Wrong("discovery", "exactly one of dns, file and kubernetes must be there");
        }

        UpstreamDiscovery? read = discovery.Object("dns") is { } dns ? ReadDns(dns)
            : discovery.Object("file") is { } file ? ReadFile(file)
            : discovery.Object("kubernetes") is { } kubernetes ? ReadKubernetes(kubernetes)
            : null;
        discovery.Close();
        return read;
    }

    /// <summary>Notes where certificates would be believed for a name that only the discovery itself tells.</summary>
    public static void CheckName(Fields fields, UpstreamDiscovery? discovery, UpstreamTls? tls)
    {
        if (discovery is DnsDiscovery { Port: null, Form.IsSecure: true } && tls is not ({ ServerName: not null } or { Verification: not UpstreamVerification.Full }))
        {
            fields.Wrong("tls", "serverName is missing: the names of a service's hosts are told by DNS, which is no proof of whom to believe");
        }
    }

    private static DnsDiscovery ReadDns(Fields dns)
    {
        var (name, service) = (dns.TextOrNull("name"), dns.TextOrNull("service"));
        if (name is null == service is null)
        {
            dns.Wrong("name", "exactly one of name and service must be there");
        }

        if (name is not null && Uri.CheckHostName(name) is not UriHostNameType.Dns)
        {
            dns.Wrong("name", $"must be a host name such as orders.internal; is '{name}'");
        }

        if (service is not null && !Service().IsMatch(service))
        {
            dns.Wrong("service", $"must be the name of a service such as _http._tcp.orders.internal; is '{service}'");
        }

        if (service is not null && dns.Has("port"))
        {
            dns.Wrong("port", "has no effect with service, whose records tell it; leave it out");
        }

        var port = service is null ? (int)dns.Number("port", 1, IPEndPoint.MaxPort, fallback: null) : (int?)null;
        var (least, most) = (dns.Time("least", TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1), TimeSpan.FromSeconds(1)), dns.Time("most", TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1), TimeSpan.FromMinutes(1)));
        if (most < least)
        {
            dns.Wrong("most", "must not be shorter than least");
        }

        var read = new DnsDiscovery((service ?? name ?? "").TrimEnd('.').ToLowerInvariant(), port, dns.OneOf<AddressFamilies>("family", AddressFamilies.Ipv4), ReadServers(dns), least, most, ReadForm(dns));
        dns.Close();
        return read;
    }

    private static string? ReadServers(Fields dns)
    {
        var servers = dns.Texts("servers");
        for (var i = 0; i < servers.Length; i++)
        {
            if (!DnsDiscovery.TryReadServer(servers[i], out _))
            {
                dns.Wrong(FormattableString.Invariant($"servers[{i}]"), $"must be an address such as 10.0.0.53 or 10.0.0.53:5353; is '{servers[i]}'");
            }
        }

        return servers.IsEmpty ? null : string.Join(',', servers);
    }

    private static FileDiscovery ReadFile(Fields file)
    {
        var name = file.Text("name");
        if (name.Length > 0 && !FileName().IsMatch(name))
        {
            file.Wrong("name", $"must be the name of a file such as orders.yaml, in the folder that Edge:Discovery names; is '{name}'");
        }

        file.Close();
        return new FileDiscovery(name);
    }

    private static KubernetesDiscovery ReadKubernetes(Fields kubernetes)
    {
        var read = new KubernetesDiscovery(ReadLabel(kubernetes, "namespace"), ReadLabel(kubernetes, "service"), ReadPort(kubernetes), ReadForm(kubernetes));
        kubernetes.Close();
        return read;
    }

    private static string ReadLabel(Fields fields, string field)
    {
        var label = fields.Text(field);
        if (label.Length > 0 && !Label().IsMatch(label))
        {
            fields.Wrong(field, $"must be 1 to 63 of a-z, 0-9 and -, as Kubernetes has it; is '{label}'");
        }

        return label;
    }

    private static string? ReadPort(Fields kubernetes)
    {
        if (!kubernetes.Has("port"))
        {
            return null;
        }

        var port = kubernetes.Any("port", "a text or a number", System.Text.Json.JsonValueKind.String, System.Text.Json.JsonValueKind.Number)?.ToString();
        if (port is not null && !Label().IsMatch(port))
        {
            kubernetes.Wrong("port", $"must be the name or the number of one of the endpoints' ports; is '{port}'");
        }

        return port;
    }

    private static AddressForm ReadForm(Fields fields)
    {
        var path = fields.TextOrNull("path") ?? "/";
        if (path[0] != '/' || path.AsSpan().IndexOfAny('?', '#') >= 0)
        {
            fields.Wrong("path", $"must begin with '/' and have no query, is '{path}'");
        }

        return new AddressForm(fields.OneOf<Schemes>("scheme", Schemes.Http) is Schemes.Https, path);
    }

    [GeneratedRegex(@"\A_[A-Za-z0-9-]{1,62}\._(tcp|udp)\.[A-Za-z0-9_.-]{1,200}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Service();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex FileName();

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Label();

    private enum Schemes
    {
        Http,
        Https,
    }
}
