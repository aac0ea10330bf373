using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Certificates;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Catalog;

/// <summary>Looks at what TLS towards upstreams is made of, as <see cref="CertificateCheck"/> does at the certificates that edges show clients.</summary>
internal static class UpstreamTlsCheck
{
    /// <summary>Those whose TLS a change touches.</summary>
    /// <param name="plan">What the change makes of the revision.</param>
    /// <param name="changes">The change.</param>
    public static ImmutableArray<UpstreamResource> Concerned(Plan plan, ImmutableArray<ResourceChange> changes) =>
        [.. plan.Upstreams.Values.Where(upstream => upstream.Tls is not null && changes.Any(change => IsOf(change, upstream, plan))).OrderBy(u => u.Name, StringComparer.Ordinal)];

    /// <summary>All that is wrong with them, and what is to be warned of.</summary>
    /// <param name="upstreams">By <see cref="Concerned"/>.</param>
    /// <param name="plan">What the change makes of the revision.</param>
    /// <param name="open">The value of a secret; null: it does not open.</param>
    /// <param name="now">By which their time is judged.</param>
    public static (ImmutableArray<FieldError> Errors, ImmutableArray<FieldError> Warnings) Run(
        ImmutableArray<UpstreamResource> upstreams, Plan plan, Func<string, string?> open, DateTimeOffset now)
    {
        var (errors, warnings) = (ImmutableArray.CreateBuilder<FieldError>(), ImmutableArray.CreateBuilder<FieldError>());
        foreach (var upstream in upstreams)
        {
            var (material, wrong) = UpstreamTlsMaterial.Read(upstream, name => Find(plan, name), open);
            errors.AddRange(wrong);
            if (material?.Own is not { } own)
            {
                continue;
            }

            var path = $"{upstream.Kind}/{upstream.Name}: tls.clientCertificate";
            var (begins, ends) = (new DateTimeOffset(own.NotBefore), new DateTimeOffset(own.NotAfter));
            if (CertificateExpiry.FindWrong(begins, ends, now) is { } ended)
            {
                errors.Add(new FieldError(path, ended));
            }
            else if (CertificateExpiry.FindNear(begins, ends, now) is { } near)
            {
                warnings.Add(new FieldError(path, near));
            }

            own.Dispose();
        }

        return (errors.ToImmutable(), warnings.ToImmutable());
    }

    private static CertificateResource? Find(Plan plan, string name) => plan.Certificates.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.Ordinal));

    private static bool IsOf(ResourceChange change, UpstreamResource upstream, Plan plan) => change.Kind switch
    {
        UpstreamResource.KindName => string.Equals(change.Name, upstream.Name, StringComparison.Ordinal),
        CertificateResource.KindName => string.Equals(change.Name, upstream.Tls!.Own?.Certificate, StringComparison.Ordinal),
        SecretResource.KindName => UpstreamTlsMaterial.SecretsOf(upstream, name => Find(plan, name)).Any(s => string.Equals(s.Secret, change.Name, StringComparison.Ordinal)),
        _ => false,
    };
}
