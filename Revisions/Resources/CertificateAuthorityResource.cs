using System.Collections.Immutable;

namespace Sluice.Revisions.Resources;

/// <summary>An authority from which certificates are obtained by ACME (RFC 8555), and the account there.</summary>
/// <param name="Directory">Where it says what it offers; over <c>https</c>, but for this machine.</param>
/// <param name="Contacts">Mail addresses of those whom it may write to.</param>
/// <param name="TermsAgreed">Whether its terms of service are agreed to.</param>
/// <param name="ExternalAccount">By which the account is bound to one that exists there already (RFC 8555, section 7.3.4); null: it is not.</param>
/// <param name="Trust">Name of the secret with the roots by which the authority's own TLS is trusted; null: those of the system.</param>
public sealed record CertificateAuthorityResource(
    string Name, Uri Directory, ImmutableArray<string> Contacts, bool TermsAgreed, ExternalAccount? ExternalAccount, string? Trust) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "CertificateAuthority";

    public override string Kind => KindName;

    /// <summary>The secrets that it names, with the field of each.</summary>
    public IEnumerable<(string Field, string Secret)> Secrets
    {
        get
        {
            if (ExternalAccount is { } external)
            {
                yield return ("externalAccount.key.secret", external.Key);
            }

            if (Trust is { } trust)
            {
                yield return ("ca.secret", trust);
            }
        }
    }
}

/// <summary>An account that exists at an authority.</summary>
/// <param name="KeyId">As the authority told it.</param>
/// <param name="Key">Name of the secret with the key for it, in base64url.</param>
public sealed record ExternalAccount(string KeyId, string Key);
