using System.Collections.Concurrent;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Grains;

/// <summary>
/// The declarations of budgets and limits that grains of this silo have read. One is for all its subjects: a hundred thousand of them read and parse it once, not each for itself.
/// </summary>
internal sealed class DeclaredPolicies(IGrainFactory grains)
{
    private readonly ConcurrentDictionary<(string Workspace, string Kind, string Name), Known> _known = new();

    /// <summary>The declaration at least as of a revision; null where there is none.</summary>
    public async ValueTask<Resource?> AtLeastAsync(string workspace, string kind, string name, long revision) =>
        _known.TryGetValue((workspace, kind, name), out var known) && revision <= known.ReadAt ? known.Declared : await NowAsync(workspace, kind, name);

    /// <summary>The declaration of the active revision.</summary>
    public async Task<Resource?> NowAsync(string workspace, string kind, string name)
    {
        var catalog = grains.GetGrain<ICatalogGrain>(workspace);

        // The head is read first: what is read after it is at least as new.
        var head = await catalog.GetHeadAsync();
        if (_known.TryGetValue((workspace, kind, name), out var known) && head.Revision == known.ReadAt)
        {
            return known.Declared;
        }

        if (await catalog.GetResourceAsync(kind, name) is not { } body)
        {
            // Not kept: anybody may ask for names that were never declared.
            _known.TryRemove((workspace, kind, name), out _);
            return null;
        }

        var read = new Known(head.Revision, ResourceReader.Read(body.Json).Resource);
        _known.AddOrUpdate((workspace, kind, name), static (_, mine) => mine, static (_, other, mine) => other.ReadAt > mine.ReadAt ? other : mine, read);
        return read.Declared;
    }

    private sealed record Known(long ReadAt, Resource? Declared);
}
