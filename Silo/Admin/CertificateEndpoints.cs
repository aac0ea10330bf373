using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Grains.Interfaces.Acme;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.Admin;

/// <summary>The certificates of the active revision, as clients see them.</summary>
/// <param name="Now">The time of the silo that answers.</param>
public sealed record CertificateList(ImmutableArray<CertificateStatus> Items, DateTimeOffset Now);

/// <summary>Whom certificates serve, and when they end.</summary>
internal static class CertificateEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/certificate-status", async (IGrainFactory grains, TimeProvider time) => Results.Json(await ListAsync(grains, time), AdminJson.Options))
            .Declare(AdminRole.Viewer, "get-certificate-status", "The hosts, the time and the fingerprint of each certificate of the active revision, how it is obtained, and what is to be done about it.")
            .WithTags(CertificateResource.KindName).Produces<CertificateList>();
        api.MapPost("/certificates/{name}/renew", RenewAsync)
            .Declare(AdminRole.Operator, "renew-certificate", "Has a certificate obtained anew from its authority, now: whatever is there, and however often it failed. Answers before it is done.")
            .WithTags(CertificateResource.KindName).Produces<CertificateStatus>().Refuses(400, 404);
    }

    private static async Task<CertificateList> ListAsync(IGrainFactory grains, TimeProvider time) => new(await grains.GetGrain<ICertificatesGrain>(AdminApi.Workspace).GetAsync(), time.GetUtcNow());

    private static async Task<IResult> RenewAsync(IGrainFactory grains, TimeProvider time, string name)
    {
        if (!Names.IsResource(name) || (await ListAsync(grains, time)).Items.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.Ordinal)) is not { } certificate)
        {
            return Problem.NotFound($"There is no {CertificateResource.KindName} '{name}'.");
        }

        return await grains.GetGrain<ICertificateOrdersGrain>(AdminApi.Workspace).RenewAsync(name)
            ? Results.Json(certificate, AdminJson.Options)
            : Problem.InvalidRequest("name", $"names a {CertificateResource.KindName} that is not obtained from an authority: apply its secrets with the new chain and key");
    }
}
