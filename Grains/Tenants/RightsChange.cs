using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Tenants;

/// <summary>Changes what a tenant's keys may do: when it returns, no live edge counts on what was before (docs/reload.md).</summary>
/// <param name="grains">The cluster.</param>
/// <param name="workspace">Of which workspace.</param>
internal sealed class RightsChange(IGrainFactory grains, string workspace)
{
    private Func<string, bool>? _isEnding;

    /// <summary>Whether a right of the key is being taken away in a strict workspace.</summary>
    public bool IsEnding(string keyId) => _isEnding?.Invoke(keyId) is true;

    /// <summary>Stores a change of rights and has every edge know it.</summary>
    /// <param name="change">As edges are told it.</param>
    /// <param name="isEnding">Of which keys, by their ids, a right ends; null: of none.</param>
    /// <param name="write">Stores it.</param>
    public async Task MakeAsync(NewChange change, Func<string, bool>? isEnding, Func<Task> write)
    {
        try
        {
            if (isEnding is not null && WorkspaceChoices.IsStrict(await grains.GetGrain<ICatalogGrain>(workspace).GetResourceAsync(WorkspaceResource.KindName, workspace)))
            {
                // From the end of this barrier on every edge asks at each use, so that for all of them the right ends in the one moment in which that is stored.
                _isEnding = isEnding;
                await PassAsync(change);
            }

            await write();
            await PassAsync(change);
        }
        finally
        {
            // Only now: an answer that was asked for before the change was applied is asked for again by its edge.
            _isEnding = null;
        }
    }

    /// <summary>Has every edge know a change that is stored.</summary>
    public async Task PassAsync(NewChange change) =>
        await grains.GetGrain<IFleetBarrierGrain>(workspace).RequireAsync(await grains.GetGrain<IChangeLogGrain>(workspace).AppendAsync(change));
}
