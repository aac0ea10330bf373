using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Acme;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Sealing;
using Sluice.Revisions;
using Sluice.Revisions.Certificates;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Catalog;

/// <summary>Reads the active revision's certificates when it is asked; keeps nothing.</summary>
[Reentrant]
public sealed class CertificatesGrain(KeyringSource keyrings, TimeProvider time, ILogger<CertificatesGrain> log) : Grain, ICertificatesGrain
{
    public async Task<ImmutableArray<CertificateStatus>> GetAsync()
    {
        var workspace = this.GetPrimaryKeyString();
        var catalog = GrainFactory.GetGrain<ICatalogGrain>(workspace);
        var declared = (await catalog.GetResourcesAsync(CertificateResource.KindName)).Select(body => ResourceReader.Read(body.Json).Resource).OfType<CertificateResource>().ToList();
        if (declared.Count == 0)
        {
            return [];
        }

        var open = CertificateCheck.Opening(await keyrings.GetAsync(), workspace, RevisionCompiler.Order(await catalog.GetResourcesAsync(SecretResource.KindName)), log);
        var now = time.GetUtcNow();
        return [.. await Task.WhenAll(declared.Select(async certificate => certificate.Authority is { } authority
            ? Tell(certificate, open, now, await GrainFactory.GetGrain<ICertificateOrderGrain>(GrainKeys.Join(workspace, certificate.Name)).GetAsync() with { Authority = authority })
            : Tell(certificate, open, now)))];
    }

    // What is obtained is renewed by itself: who looks is told what keeps it.
    private static CertificateStatus Tell(CertificateResource certificate, Func<string, string?> open, DateTimeOffset now, CertificateOrderStatus order)
    {
        var status = Tell(certificate, open, now) with { Order = order };
        var failed = order.Error is null ? null : FormattableString.Invariant($"; attempt {order.Attempts} failed at {order.FailedAt?.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {order.Error}");
        return status.Ends is null && string.IsNullOrEmpty(status.Warning) ? status with { Hosts = certificate.Hosts, Warning = $"not obtained yet{failed}" }
            : status.Hosts.Length < certificate.Hosts.Length && status.Ends is not null ? status with { Warning = $"one for {string.Join(", ", certificate.Hosts.Except(status.Hosts, StringComparer.Ordinal))} too is not obtained yet{failed}" }
            : failed is null ? status with { Warning = status.Ends <= now ? status.Warning : null }
            : status with { Warning = $"{status.Warning ?? "it serves, and is not renewed"}{failed}" };
    }

    private static CertificateStatus Tell(CertificateResource certificate, Func<string, string?> open, DateTimeOffset now)
    {
        var (material, errors) = CertificateMaterial.Read(certificate, open);
        if (material is null)
        {
            return new CertificateStatus(certificate.Name, [], null, null, null, string.Join("; ", errors.Select(e => $"{e.Path}: {e.Message}")));
        }

        using var leaf = material.Leaf;
        var (begins, ends) = (material.Begins, material.Ends);
        return new CertificateStatus(certificate.Name, material.Hosts, begins.ToUniversalTime(), ends.ToUniversalTime(), material.Fingerprint, CertificateExpiry.FindNear(begins, ends, now));
    }
}
