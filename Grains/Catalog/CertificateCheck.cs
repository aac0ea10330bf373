using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Sealing;
using Sluice.Revisions;
using Sluice.Revisions.Certificates;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Catalog;

/// <summary>
/// Looks at what the certificates of a revision are made of, which only those can who may open secrets. What a change does not touch may have ended meanwhile: that is
/// warned of, and holds up no other change.
/// </summary>
internal static class CertificateCheck
{
    /// <summary>Whether a change concerns certificates at all.</summary>
    public static bool Concerns(ImmutableArray<CertificateResource> certificates, ImmutableArray<ResourceChange> changes) =>
        !certificates.IsEmpty && changes.Any(change => certificates.Any(certificate => IsOf(change, certificate)));

    /// <summary>All that is wrong, and what is to be warned of.</summary>
    /// <param name="certificates">Those of the whole revision.</param>
    /// <param name="changes">What a change makes of it.</param>
    /// <param name="open">The value of a secret; null: it does not open.</param>
    /// <param name="now">By which their time is judged.</param>
    public static (ImmutableArray<FieldError> Errors, ImmutableArray<FieldError> Warnings) Run(
        ImmutableArray<CertificateResource> certificates, ImmutableArray<ResourceChange> changes, Func<string, string?> open, DateTimeOffset now)
    {
        var (errors, warnings) = (new List<FieldError>(), ImmutableArray.CreateBuilder<FieldError>());
        var served = new List<(CertificateResource Resource, ImmutableArray<string> Hosts, CertificateResource Value)>();
        foreach (var certificate in certificates)
        {
            var (material, wrong) = CertificateMaterial.Read(certificate, open);
            errors.AddRange(wrong);
            using var leaf = material?.Leaf;
            if (certificate.Authority is not null)
            {
                // It comes and is renewed by itself; its end holds nobody up.
                served.Add((certificate, certificate.Hosts, certificate));
                continue;
            }

            if (material is null)
            {
                continue;
            }

            served.Add((certificate, material.Hosts, certificate));
            var path = $"{certificate.Kind}/{certificate.Name}: chain";
            if (changes.Any(change => IsOf(change, certificate)) && CertificateExpiry.FindWrong(material.Begins, material.Ends, now) is { } ended)
            {
                errors.Add(new FieldError(path, ended));
            }
            else if (CertificateExpiry.FindNear(material.Begins, material.Ends, now) is { } near)
            {
                warnings.Add(new FieldError(path, near));
            }
        }

        ServerNames<CertificateResource>.Build(served, errors);
        return ([.. errors.OrderBy(e => e.Path, StringComparer.Ordinal)], warnings.ToImmutable());
    }

    /// <summary>Opens secrets of a revision.</summary>
    public static Func<string, string?> Opening(Keyring keyring, string workspace, ImmutableArray<ResourceBody> resources, ILogger log)
    {
        var opened = new Dictionary<string, string?>(StringComparer.Ordinal);
        return name =>
        {
            if (!opened.TryGetValue(name, out var value))
            {
                value = RevisionCompiler.Find(resources, new ResourceKey(SecretResource.KindName, name)) is { } body ? SealedBody.Open(keyring, workspace, body, log)?.Value : null;
                opened.Add(name, value);
            }

            return value;
        };
    }

    private static bool IsOf(ResourceChange change, CertificateResource certificate) => change.Kind switch
    {
        CertificateResource.KindName => string.Equals(change.Name, certificate.Name, StringComparison.Ordinal),
        SecretResource.KindName => certificate.Secrets.Any(s => string.Equals(s.Secret, change.Name, StringComparison.Ordinal)),
        _ => false,
    };
}
