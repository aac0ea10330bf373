using System.Collections.Immutable;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Certificate</c>. What its secrets hold is looked at where they are opened: see <see cref="Certificates.CertificateMaterial"/>.</summary>
internal static class CertificateReader
{
    private const int MostObtainedHosts = 100;

    public static Resource Read(string name, Fields fields)
    {
        var hosts = HostFields.Read(fields, "hosts");
        if (fields.TextOrNull("authority") is { } authority)
        {
            CheckObtained(name, fields, hosts);
            var secret = CertificateResource.ObtainedSecret(name);
            return new CertificateResource(name, hosts, secret, secret, fields.Flag("default") ?? false, ReadClients(fields), authority);
        }

        var (chain, key) = (ReadSecret(fields, "chain"), ReadSecret(fields, "key"));
        return new CertificateResource(name, hosts, chain, key, fields.Flag("default") ?? false, ReadClients(fields));
    }

    // What HTTP-01 can prove (RFC 8555, section 8.3), and authorities take.
    private static void CheckObtained(string name, Fields fields, ImmutableArray<string> hosts)
    {
        foreach (var field in new[] { "chain", "key" }.Where(fields.Has))
        {
            fields.Wrong(field, "stands beside authority, from which chain and key are obtained; leave one of the two out");
        }

        if (hosts.Length is 0 or > MostObtainedHosts)
        {
            fields.Wrong("hosts", hosts.IsEmpty
                ? "is missing: with authority it says for which names a certificate is asked"
                : FormattableString.Invariant($"has {hosts.Length} names; one certificate is asked for at most {MostObtainedHosts}"));
        }

        for (var i = 0; i < hosts.Length; i++)
        {
            if (hosts[i].StartsWith('*') || Uri.CheckHostName(hosts[i]) is not UriHostNameType.Dns)
            {
                fields.Wrong(FormattableString.Invariant($"hosts[{i}]"), $"is '{hosts[i]}': over HTTP an authority can be shown that whole names are yours, and no wildcard or address; name the hosts, or give chain and key");
            }
        }

        if (!Names.IsResource(CertificateResource.ObtainedSecret(name)))
        {
            fields.Wrong("name", "is too long for a certificate that is obtained: at most 58 characters");
        }
    }

    /// <summary>The name in <c>{ secret: NAME }</c>.</summary>
    public static string ReadSecret(Fields fields, string field)
    {
        if (fields.Object(field, required: true) is not { } inner)
        {
            return "";
        }

        var secret = inner.Text("secret");
        inner.Close();
        return secret;
    }

    private static ClientPolicy? ReadClients(Fields fields)
    {
        if (fields.Object("clients") is not { } inner)
        {
            return null;
        }

        var asked = inner.OneOf<ClientCertificates>("certificates", fallback: null);
        var authorities = asked is ClientCertificates.None && !inner.Has("ca") ? "" : ReadSecret(inner, "ca");
        if (asked is ClientCertificates.None && authorities.Length > 0)
        {
            inner.Wrong("ca", "has no effect with certificates: none; leave it out");
        }

        var identities = IdentifiedClientReader.Read(inner);
        if (asked is ClientCertificates.None && !identities.IsEmpty)
        {
            inner.Wrong("identities", "has no effect with certificates: none; leave it out");
        }

        inner.Close();
        return asked is ClientCertificates.None ? null : new ClientPolicy(asked is ClientCertificates.Required, authorities, identities);
    }
}
