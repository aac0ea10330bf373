using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads an upstream's <c>tls</c>. What its secrets hold is looked at where they are opened: see <see cref="Certificates.UpstreamTlsMaterial"/>.</summary>
internal static class UpstreamTlsReader
{
    private const string Field = "tls";

    public static UpstreamTls? Read(Fields fields, ImmutableArray<Uri> addresses, UpstreamDiscovery? discovery)
    {
        if (fields.Object(Field) is not { } tls)
        {
            return null;
        }

        if (addresses.FirstOrDefault(a => a.Scheme is "http") is { } plain)
        {
            fields.Wrong(Field, $"has no effect on {plain.AbsoluteUri}, which is reached without TLS; write https, or leave tls out");
        }
        else if (discovery is DnsDiscovery { Form.IsSecure: false } or KubernetesDiscovery { Form.IsSecure: false })
        {
            fields.Wrong(Field, "has no effect on addresses that are reached without TLS; set the discovery's scheme to https, or leave tls out");
        }

        var read = new UpstreamTls(
            tls.Has("ca") ? CertificateReader.ReadSecret(tls, "ca") : null,
            ReadName(tls),
            tls.OneOf<UpstreamVerification>("verification", UpstreamVerification.Full),
            ReadOwn(tls));
        if (read is { Authorities: not null, Verification: UpstreamVerification.None })
        {
            tls.Wrong("ca", "has no effect with verification: none; leave one of the two out");
        }

        if (read == new UpstreamTls(null, null, UpstreamVerification.Full, null))
        {
            fields.Wrong(Field, "says nothing; leave it out, or give it ca, serverName, verification or clientCertificate");
        }

        tls.Close();
        return read;
    }

    private static string? ReadName(Fields tls)
    {
        var name = tls.TextOrNull("serverName");
        if (name is not null && Uri.CheckHostName(name) is UriHostNameType.Unknown or UriHostNameType.Basic)
        {
            tls.Wrong("serverName", $"must be a host name such as orders.internal, without scheme or port; is '{name}'");
        }

        return name;
    }

    private static ClientIdentity? ReadOwn(Fields tls)
    {
        if (tls.Object("clientCertificate") is not { } own)
        {
            return null;
        }

        var name = own.TextOrNull("certificate");
        var hasSecrets = own.Has("chain") || own.Has("key");
        if (name is not null && hasSecrets)
        {
            own.Wrong("certificate", "stands beside chain or key; give the name of a Certificate, or the two secrets");
        }
        else if (name is null && !hasSecrets)
        {
            own.Wrong("certificate", "is missing; give the name of a Certificate here, or the secrets chain and key");
        }

        var read = hasSecrets ? new ClientIdentity(null, CertificateReader.ReadSecret(own, "chain"), CertificateReader.ReadSecret(own, "key")) : new ClientIdentity(name, null, null);
        own.Close();
        return read;
    }
}
