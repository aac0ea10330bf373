using System.Collections.Immutable;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Revisions.Alerts;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Alerts;

/// <summary>The alerts that hold: those of the active revision, and Sluice's own whose names nobody has taken.</summary>
internal sealed class DeclaredAlerts(ICatalogGrain catalog)
{
    private long _readAt = -1;
    private ImmutableArray<AlertResource> _all = [];
    private ImmutableHashSet<string> _own = [];

    /// <summary>By name, and which of them are Sluice's own.</summary>
    public async Task<(ImmutableArray<AlertResource> All, ImmutableHashSet<string> Own)> ReadAsync()
    {
        // The head is read first: what is read after it is at least as new.
        var head = await catalog.GetHeadAsync();
        if (head.Revision != _readAt)
        {
            var declared = (await catalog.GetResourcesAsync(AlertResource.KindName)).Select(body => ResourceReader.Read(body.Json).Resource).OfType<AlertResource>().ToArray();
            var own = BuiltInAlerts.All.Where(b => !declared.Any(d => string.Equals(d.Name, b.Name, StringComparison.Ordinal))).ToArray();
            _all = [.. declared.Where(d => d.Enabled).Concat(own).OrderBy(a => a.Name, StringComparer.Ordinal)];
            (_own, _readAt) = ([.. own.Select(o => o.Name)], head.Revision);
        }

        return (_all, _own);
    }
}
