using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>The certificates of the active revision, as clients see them.</summary>
/// <param name="Now">The time of the silo that answers.</param>
public sealed record CertificateList(ImmutableArray<CertificateStatus> Items, DateTimeOffset Now);

/// <summary>Whom certificates serve, and when they end.</summary>
internal static class CertificateEndpoints
{
    public static void Map(RouteGroupBuilder api) => api.MapGet(
            "/certificate-status", async (IGrainFactory grains, TimeProvider time) => Results.Json(
                new CertificateList(await grains.GetGrain<ICertificatesGrain>(AdminApi.Workspace).GetAsync(), time.GetUtcNow()), AdminJson.Options))
        .Declare(AdminRole.Viewer, "get-certificate-status", "The hosts, the time and the fingerprint of each certificate of the active revision, and what is to be done about it.")
        .WithTags(CertificateResource.KindName).Produces<CertificateList>();
}
