using System.Net.Mail;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>CertificateAuthority</c>.</summary>
internal static class CertificateAuthorityReader
{
    public static Resource Read(string name, Fields fields)
    {
        var directory = fields.Address("directory", required: true);
        if (directory is { IsLoopback: false } && !string.Equals(directory.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal))
        {
            fields.Wrong("directory", "must begin with https://: who can change what comes from there chooses the certificates");
        }

        var contacts = fields.Texts("contacts");
        for (var i = 0; i < contacts.Length; i++)
        {
            if (!MailAddress.TryCreate(contacts[i], out var address) || !string.Equals(address.Address, contacts[i], StringComparison.Ordinal))
            {
                fields.Wrong(FormattableString.Invariant($"contacts[{i}]"), $"must be a mail address such as ops@example.com, is '{contacts[i]}'");
            }
        }

        return new CertificateAuthorityResource(
            name,
            directory ?? new Uri("https://invalid.invalid/"),
            contacts,
            fields.Flag("termsAgreed") ?? false,
            ReadExternal(fields),
            fields.Has("ca") ? CertificateReader.ReadSecret(fields, "ca") : null);
    }

    private static ExternalAccount? ReadExternal(Fields fields)
    {
        if (fields.Object("externalAccount") is not { } inner)
        {
            return null;
        }

        var account = new ExternalAccount(inner.Text("keyId"), CertificateReader.ReadSecret(inner, "key"));
        inner.Close();
        return account;
    }
}
