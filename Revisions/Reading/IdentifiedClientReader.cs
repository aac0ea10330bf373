using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>clients.identities</c> of a <c>Certificate</c>.</summary>
internal static class IdentifiedClientReader
{
    private const int Sha256Digits = 64;

    public static ImmutableArray<IdentifiedClient> Read(Fields clients) => clients.Objects("identities", required: false, ReadOne);

    private static IdentifiedClient ReadOne(Fields fields)
    {
        var given = new[] { ("uri", ClientName.Uri), ("dns", ClientName.Dns), ("subject", ClientName.Subject), ("fingerprint", ClientName.Fingerprint) }.Where(f => fields.Has(f.Item1)).ToArray();
        var (field, by) = given.FirstOrDefault(("", ClientName.Any));
        if (given.Length > 1)
        {
            fields.Wrong(given[1].Item1, $"stands beside {field}: a certificate is known by one of uri, dns, subject and fingerprint, or by none of them where each of this authority is meant");
        }

        var name = by is ClientName.Any ? "" : Normalize(fields, field, by, fields.Text(field));
        var tenant = fields.Text("tenant");
        if (tenant.Length > 0 && !Names.IsResource(tenant))
        {
            fields.Wrong("tenant", $"is no tenant's name: {Names.ResourceRule}");
        }

        return new IdentifiedClient(by, name, tenant, ReadUser(fields, "user"), ReadUser(fields, "team"), ReadModels(fields), ReadScopes(fields));
    }

    private static string Normalize(Fields fields, string field, ClientName by, string text)
    {
        switch (by)
        {
            case ClientName.Uri when text.Length > 0 && text.IndexOf('*', StringComparison.Ordinal) is >= 0 and var star && star < text.Length - 1:
                fields.Wrong(field, $"must be a URI, or the begin of one and then *, such as spiffe://example.com/partners/*; is '{text}'");
                return text;
            case ClientName.Dns when text.Length > 0 && Uri.CheckHostName(text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text) is not UriHostNameType.Dns:
                fields.Wrong(field, $"must be a name such as partner.example.com, or *.example.com for one label before it; is '{text}'");
                return text;
            case ClientName.Dns:
                return text.ToLowerInvariant();
            case ClientName.Subject when text.Length > 0:
                try
                {
                    // As it is written of a certificate, whatever spaces are typed here.
                    return new X500DistinguishedName(new X500DistinguishedName(text).RawData).Name;
                }
                catch (CryptographicException)
                {
                    fields.Wrong(field, $"must be a whole subject such as CN=partner, O=Example; is '{text}'");
                    return text;
                }

            case ClientName.Fingerprint:
                var digits = text.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();
                if (text.Length > 0 && (digits.Length != Sha256Digits || !digits.All(char.IsAsciiHexDigit)))
                {
                    fields.Wrong(field, $"must be the SHA-256 of the certificate, {Sha256Digits} hex digits; is '{text}'");
                }

                return digits;
            default:
                return text;
        }
    }

    private static string? ReadUser(Fields fields, string field)
    {
        var user = fields.TextOrNull(field);
        if (user is not null && !Names.IsUser(user))
        {
            fields.Wrong(field, $"must be {Names.UserRule}; is '{user}'");
        }

        return user;
    }

    private static ImmutableArray<string> ReadModels(Fields fields)
    {
        var models = fields.Texts("models");
        for (var i = 0; i < models.Length; i++)
        {
            if (models[i].IndexOf('*', StringComparison.Ordinal) is >= 0 and var star && star < models[i].Length - 1)
            {
                fields.Wrong(FormattableString.Invariant($"models[{i}]"), $"must be a model's name, or a prefix that ends in *; is '{models[i]}'");
            }
        }

        return models;
    }

    private static ImmutableArray<string> ReadScopes(Fields fields)
    {
        var scopes = fields.Texts("scopes");
        for (var i = 0; i < scopes.Length; i++)
        {
            if (!Names.IsScope(scopes[i]))
            {
                fields.Wrong(FormattableString.Invariant($"scopes[{i}]"), $"must be {Names.ScopeRule}; is '{scopes[i]}'");
            }
        }

        return scopes;
    }
}
