using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Grains;

/// <summary>The declaration behind a budget's or limit's grain, read anew when a caller runs a later revision than the one it was read at.</summary>
internal sealed class DeclaredPolicy<T>(ICatalogGrain catalog, string kind, string name)
    where T : Resource
{
    private long _readAt = -1;
    private T? _declared;

    /// <summary>The declaration, at least as of <paramref name="revision"/>; null where there is none.</summary>
    public async Task<T?> AtLeastAsync(long revision)
    {
        if (revision > _readAt)
        {
            await ReadAsync();
        }

        return _declared;
    }

    /// <summary>The declaration of the active revision.</summary>
    public async Task<T?> NowAsync()
    {
        await ReadAsync();
        return _declared;
    }

    private async Task ReadAsync()
    {
        // The head is read first: what is read after it is at least as new.
        var head = await catalog.GetHeadAsync();
        if (head.Revision == _readAt)
        {
            return;
        }

        var body = await catalog.GetResourceAsync(kind, name);
        _declared = body is null ? null : ResourceReader.Read(body.Json).Resource as T;
        _readAt = head.Revision;
    }
}
