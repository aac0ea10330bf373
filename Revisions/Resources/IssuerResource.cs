using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>An issuer of tokens (JWT, RFC 7519; OpenID Connect) that clients may show in a key's place.</summary>
/// <param name="Url">What its tokens say in <c>iss</c>, exactly.</param>
/// <param name="Audiences">At least one; a token names one of them in <c>aud</c>.</param>
/// <param name="Keys">Where its keys are (JWKS, RFC 7517); null: found by OpenID Connect discovery.</param>
/// <param name="Algorithms">With which tokens may be signed; asymmetric ones only. At least one.</param>
/// <param name="Tenant">For whom all its tokens stand; null: each names its tenant.</param>
/// <param name="Claims">Which claims say what.</param>
public sealed record IssuerResource(
    string Name, string Url, ImmutableArray<string> Audiences, Uri? Keys, ImmutableArray<string> Algorithms, string? Tenant, IssuerClaims Claims) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Issuer";

    public override string Kind => KindName;
}

/// <summary>The claims of a token that say whom it stands for.</summary>
/// <param name="Tenant">Null where the issuer is one tenant's.</param>
/// <param name="User">Default <c>sub</c>.</param>
/// <param name="Team">Null: tokens name none.</param>
/// <param name="Scopes">A list, or a text with spaces between; default <c>scope</c>.</param>
/// <param name="Models">Models that the bearer may use, as with keys; null: all.</param>
public sealed record IssuerClaims(string? Tenant, string User, string? Team, string Scopes, string? Models);
