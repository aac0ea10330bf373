using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Silo.Admin;

/// <summary>The silos of the cluster.</summary>
/// <param name="Now">The time of the silo that answers.</param>
public sealed record SiloList(IReadOnlyList<SiloItem> Items, DateTimeOffset Now);

/// <summary>A silo.</summary>
/// <param name="Address">Where silos reach it.</param>
/// <param name="Version">Of its program; null where it was not told yet.</param>
/// <param name="Status"><c>active</c>, or what it is on its way to or from there.</param>
/// <param name="Since">When it started, by its own clock.</param>
/// <param name="LastSeen">Its last sign of life in the membership table, each 5 s, by its own clock.</param>
public sealed record SiloItem(string Address, string? Version, string Status, DateTimeOffset Since, DateTimeOffset LastSeen);

/// <summary>Who makes up the cluster.</summary>
internal static class SiloEndpoints
{
    private const string VersionKey = "sluice.version";

    private static readonly string Version =
        typeof(SiloEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>Has each silo tell the others its version.</summary>
    public static ISiloBuilder TellVersion(this ISiloBuilder silo) =>
        silo.UseSiloMetadata(new Dictionary<string, string>(StringComparer.Ordinal) { [VersionKey] = Version });

    public static void Map(RouteGroupBuilder api) => api.MapGet("/silos", ListAsync)
        .Declare(AdminRole.Viewer, "list-silos", "Each silo that is not dead, its version and last sign of life.")
        .WithTags("Fleet").Produces<SiloList>();

    private static async Task<IResult> ListAsync(IGrainFactory grains, ISiloMetadataCache versions, TimeProvider time)
    {
        var members = await grains.GetGrain<IManagementGrain>(0).GetDetailedHosts();
        return Results.Json(
            new SiloList(
                [.. members.Where(m => m.Status is not SiloStatus.Dead).OrderBy(m => m.StartTime).Select(m => Item(m, versions))],
                time.GetUtcNow()),
            AdminJson.Options);
    }

    private static SiloItem Item(MembershipEntry member, ISiloMetadataCache versions) => new(
        member.SiloAddress.Endpoint.ToString(),
        versions.GetSiloMetadata(member.SiloAddress).Metadata.GetValueOrDefault(VersionKey),
        member.Status.ToString().ToLowerInvariant(),
        AsUtc(member.StartTime),
        AsUtc(member.IAmAliveTime));

    private static DateTimeOffset AsUtc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
