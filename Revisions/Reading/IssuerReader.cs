using System.Collections.Immutable;
using Sluice.Revisions.Resources;
using Sluice.Revisions.Tokens;

namespace Sluice.Revisions.Reading;

/// <summary>Reads <c>Issuer</c>.</summary>
internal static class IssuerReader
{
    public static Resource Read(string name, Fields fields)
    {
        var url = fields.Address("issuer", required: true);
        CheckScheme(fields, "issuer", url);
        var audiences = fields.Texts("audiences", required: true);
        if (audiences.IsEmpty && fields.Has("audiences"))
        {
            fields.Wrong("audiences", "is empty: without one, tokens that were made for others would be taken");
        }

        var keys = fields.Address("keys", required: false);
        CheckScheme(fields, "keys", keys);
        var algorithms = fields.Texts("algorithms");
        foreach (var unknown in algorithms.Where(a => !TokenCheck.KnownAlgorithms.Contains(a, StringComparer.Ordinal)))
        {
            fields.Wrong("algorithms", $"must be of {string.Join(", ", TokenCheck.KnownAlgorithms)}; one is '{unknown}'{Names.Suggest(unknown, TokenCheck.KnownAlgorithms)}");
        }

        var tenant = fields.TextOrNull("tenant");
        if (tenant is not null && !Names.IsResource(tenant))
        {
            fields.Wrong("tenant", $"is no tenant's name: {Names.ResourceRule}");
        }

        // The text as it was written: an address is not compared as one (RFC 8725, 3.8).
        return new IssuerResource(
            name, fields.TextOrNull("issuer") ?? "", audiences, keys, algorithms.IsEmpty ? [.. TokenCheck.UsualAlgorithms] : algorithms, tenant, ReadClaims(fields, tenant is not null));
    }

    private static IssuerClaims ReadClaims(Fields fields, bool hasTenant)
    {
        var inner = fields.Object("claims");
        var tenant = inner?.TextOrNull("tenant");
        if (hasTenant == tenant is not null)
        {
            fields.Wrong("tenant", hasTenant
                ? "stands beside claims.tenant; all tokens are one tenant's, or each names its own"
                : "is missing: name the tenant that all tokens stand for, or in claims.tenant the claim that names it");
        }

        var claims = new IssuerClaims(
            tenant, inner?.TextOrNull("user") ?? "sub", inner?.TextOrNull("team"), inner?.TextOrNull("scopes") ?? "scope", inner?.TextOrNull("models"));
        inner?.Close();
        return claims;
    }

    private static void CheckScheme(Fields fields, string field, Uri? address)
    {
        if (address is { IsLoopback: false } && !string.Equals(address.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal))
        {
            fields.Wrong(field, "must begin with https://: who can change what comes from there can make tokens");
        }
    }
}
