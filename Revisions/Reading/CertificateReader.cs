using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Certificate</c>. What its secrets hold is looked at where they are opened: see <see cref="Certificates.CertificateMaterial"/>.</summary>
internal static class CertificateReader
{
    public static Resource Read(string name, Fields fields)
    {
        var hosts = HostFields.Read(fields, "hosts");
        var (chain, key) = (ReadSecret(fields, "chain"), ReadSecret(fields, "key"));
        return new CertificateResource(name, hosts, chain, key, fields.Flag("default") ?? false, ReadClients(fields));
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

        inner.Close();
        return asked is ClientCertificates.None ? null : new ClientPolicy(asked is ClientCertificates.Required, authorities);
    }
}
