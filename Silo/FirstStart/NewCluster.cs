using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces;
using Sluice.Revisions.Resources;

namespace Sluice.Silo.FirstStart;

/// <summary>What a start found or made.</summary>
/// <param name="AdminKey">The first admin key in clear; null where keys were made at an earlier start.</param>
/// <param name="TenantKey">The first tenant's key in clear; null as well.</param>
/// <param name="Notes">For people, a line each.</param>
public sealed record StartResult(string? AdminKey, string? TenantKey, IReadOnlyList<string> Notes)
{
    public override string ToString() => AdminKey is null ? "known cluster" : "new cluster ***";
}

/// <summary>
/// Makes a new cluster usable: a first revision, a first tenant with a key, the first admin key. The admin key comes last, so a start that was cut before
/// it is a first start again: at worst a tenant key is left that nobody knows. Of silos that start at once, one makes the admin key and prints.
/// </summary>
public sealed class NewCluster(IGrainFactory grains, ProviderSearch search)
{
    /// <summary>The tenant that a new cluster has.</summary>
    public const string FirstTenant = "default";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    /// <summary>Looks whether the cluster is new, and makes what it lacks.</summary>
    /// <exception cref="SiloStartException">The first revision was refused, which is a defect.</exception>
    /// <exception cref="TimeoutException">Grains did not answer in 30 s.</exception>
    public Task<StartResult> EnsureAsync(TimeProvider time, CancellationToken cancellation) => EnsureAsync(cancellation).WaitAsync(Bound, time, cancellation);

    private async Task<StartResult> EnsureAsync(CancellationToken cancellation)
    {
        var admins = grains.GetGrain<IAdminKeysGrain>(IAdminKeysGrain.Key);
        if (!(await admins.ListAsync()).IsEmpty)
        {
            return new StartResult(null, null, []);
        }

        var notes = await PublishAsync(cancellation);
        var tenant = grains.GetGrain<ITenantGrain>(GrainKeys.Join(GrainKeys.DefaultWorkspace, FirstTenant));
        await tenant.CreateAsync(null, Author.System);
        var key = await tenant.CreateKeyAsync(new KeySpec("first", null, null, []), Author.System);
        if (await admins.BootstrapAsync() is { } admin)
        {
            return new StartResult(admin.Secret, key?.Secret, notes);
        }

        // Another silo made the cluster at the same time, and prints its own keys.
        if (key is not null)
        {
            await tenant.RevokeKeyAsync(key.Record.Id, Author.System);
        }

        return new StartResult(null, null, []);
    }

    private async Task<IReadOnlyList<string>> PublishAsync(CancellationToken cancellation)
    {
        var catalog = grains.GetGrain<ICatalogGrain>(GrainKeys.DefaultWorkspace);
        if ((await catalog.GetHeadAsync()).Revision > 0)
        {
            return [];
        }

        var found = await search.FindAsync(ProviderPresets.All, cancellation);
        var request = new PublishRequest(FirstRevision.Write(found), [], Prune: false, IfMatch: 0, DryRun: false, Author.System, "first start");
        if (await catalog.PublishAsync(request) is PublishOutcome.Invalid { Errors: var errors })
        {
            throw new SiloStartException($"the first revision is refused: {string.Join("; ", errors.Select(e => $"{e.Path} {e.Message}"))}");
        }

        return [.. found.Select(Tell)];
    }

    private static string Tell(FoundProvider provider) => provider.Note is { } note
        ? $"provider {provider.Known.Name}: {note}; declare its models by apply"
        : $"provider {provider.Known.Name}: {provider.Models.Count} models";
}
