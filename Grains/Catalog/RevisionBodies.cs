using System.Collections.Immutable;
using Orleans.Storage;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;

namespace Sluice.Grains.Catalog;

/// <summary>
/// The stored resources of revisions. A large one is stored as what differs from the last that was stored whole, so that a small change writes little; one that differs much, or
/// is far from it, is stored whole itself. Which one a revision rests on stands in its <see cref="InfoRow"/>.
/// </summary>
internal sealed class RevisionBodies(RevisionTable table)
{
    // Fewer resources than this are as quickly written whole.
    private const int Large = 100;

    // Of a revision at most this part may differ from the one that it rests on, and at most so many rest on one.
    private const int SmallPart = 8;
    private const int MostOnOne = 256;

    private (long Number, ImmutableArray<ResourceBody> Resources)? _whole;

    /// <summary>A revision as its rows have it; null where one of them is not there.</summary>
    public async Task<Revision?> FindAsync(InfoRow info)
    {
        var number = info.Info.Number;
        if (info.Base == 0)
        {
            if (await table.FindRowAsync<BodyRow>(number) is not { } body)
            {
                return null;
            }

            var resources = body.Pruned ? [] : Read(body);
            if (!body.Pruned && resources.Length >= Large)
            {
                _whole = (number, resources);
            }

            return new Revision(info.Info, resources, body.Pruned);
        }

        return await table.FindRowAsync<DeltaRow>(number) switch
        {
            null => null,
            { Pruned: true } => new Revision(info.Info, [], Pruned: true),
            var delta => new Revision(info.Info, RevisionCompiler.Apply(await WholeAsync(info.Base), delta.Put.Select(r => r.ToBody()), delta.Removed)),
        };
    }

    /// <summary>Stores a revision: whole, or as what differs from the one on which the active one rests.</summary>
    /// <param name="info">Its row, as far as it is known.</param>
    /// <param name="resources">All of its resources.</param>
    /// <param name="active">The active revision's number; 0: there is none. As long as it rests on one, that one is kept.</param>
    /// <exception cref="InconsistentStateException">A later activation is at work.</exception>
    public async Task StoreAsync(InfoRow info, ImmutableArray<ResourceBody> resources, long active)
    {
        var number = info.Info.Number;
        var delta = await DeltaAsync(info, resources, active);
        await Task.WhenAll(
            table.PutAsync(number, info with { Base = delta?.Base ?? 0 }),
            delta is not null ? table.PutAsync(number, delta) : table.PutAsync(number, new BodyRow(info.Term, [.. resources.Select(StoredResource.From)])));
    }

    /// <summary>Lets the resources of an old revision go, and leaves a mark in their place; doing it again changes nothing. On what others rest is kept for as long as they are.</summary>
    /// <param name="info">The old revision's row.</param>
    /// <param name="head">The active one's number.</param>
    public async Task PruneAsync(InfoRow info, long head)
    {
        var number = info.Info.Number;
        if (info.Base == 0)
        {
            await table.ChangeAsync<BodyRow>(number, row => row.Pruned ? row : row with { Pruned = true });
        }
        else
        {
            await table.ChangeAsync<DeltaRow>(number, row => row.Pruned ? row : new DeltaRow(row.Term, row.Base, [], []) { Pruned = true });
        }

        var on = info.Base == 0 ? number : info.Base;
        if (!await IsNeededAsync(on, head))
        {
            await table.ChangeAsync<BodyRow>(on, row => !row.Pruned || row.Resources.IsEmpty ? row : row with { Resources = [] });
        }
    }

    private async Task<DeltaRow?> DeltaAsync(InfoRow info, ImmutableArray<ResourceBody> resources, long activeNumber)
    {
        if (activeNumber == 0 || resources.Length < Large || await table.ReadRowAsync<InfoRow>(activeNumber) is not { Info.ResourceCount: >= Large } active)
        {
            return null;
        }

        var on = active.Base == 0 ? active.Info.Number : active.Base;
        if (info.Info.Number - on >= MostOnOne)
        {
            return null;
        }

        var changes = RevisionCompiler.Diff(await WholeAsync(on), resources);
        return changes.Length <= resources.Length / SmallPart && RevisionCompiler.Delta(resources, changes) is { } delta
            ? new DeltaRow(info.Term, on, [.. delta.Put.Select(StoredResource.From)], delta.Removed)
            : null;
    }

    // From the newest that may rest on it: the oldest are let go first.
    private async Task<bool> IsNeededAsync(long on, long head)
    {
        for (var number = Math.Min(head, on + MostOnOne - 1); number > on; number--)
        {
            if ((await table.ReadRowAsync<InfoRow>(number)).Base == on && await table.FindRowAsync<DeltaRow>(number) is { Pruned: false })
            {
                return true;
            }
        }

        return false;
    }

    private async Task<ImmutableArray<ResourceBody>> WholeAsync(long number)
    {
        if (_whole is { } known && known.Number == number)
        {
            return known.Resources;
        }

        var read = Read(await table.ReadRowAsync<BodyRow>(number));
        _whole = (number, read);
        return read;
    }

    private static ImmutableArray<ResourceBody> Read(BodyRow body) => [.. body.Resources.Select(r => r.ToBody())];
}
