using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions;

/// <summary>What certificates and authorities refer to.</summary>
internal static class CertificateReferences
{
    /// <summary>Notes what is not there.</summary>
    public static void Check(
        FrozenDictionary<string, CertificateResource> certificates,
        FrozenDictionary<string, CertificateAuthorityResource> authorities,
        FrozenDictionary<string, SecretResource> secrets,
        ImmutableArray<FieldError>.Builder errors)
    {
        foreach (var certificate in certificates.Values)
        {
            if (certificate.Authority is { } authority)
            {
                PlanBuilder.Resolve(authorities, CertificateAuthorityResource.KindName, authority, $"{certificate.Kind}/{certificate.Name}: authority", errors);
            }

            CheckSecrets(certificate, certificate.NamedSecrets);
        }

        foreach (var authority in authorities.Values)
        {
            CheckSecrets(authority, authority.Secrets);
        }

        void CheckSecrets(Resource resource, IEnumerable<(string Field, string Secret)> named)
        {
            foreach (var (field, secret) in named)
            {
                PlanBuilder.Resolve(secrets, SecretResource.KindName, secret, $"{resource.Kind}/{resource.Name}: {field}", errors);
            }
        }
    }

    /// <summary>The hosts for which an authority may come with a challenge, each with its certificate; null: none.</summary>
    public static FrozenDictionary<string, string>? ChallengedHosts(IEnumerable<CertificateResource> certificates)
    {
        var hosts = certificates.Where(c => c.Authority is not null).SelectMany(c => c.Hosts, (c, host) => (Host: host, c.Name)).DistinctBy(c => c.Host, StringComparer.OrdinalIgnoreCase).ToArray();
        return hosts.Length == 0 ? null : hosts.ToFrozenDictionary(c => c.Host, c => c.Name, StringComparer.OrdinalIgnoreCase);
    }
}
