using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
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
        return [.. declared.Select(certificate => Tell(certificate, open, now))];
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
