using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Settings;

namespace Sluice.Silo.Admin;

/// <summary>The settings of the active revision, read once a revision on each silo. Which revision is active is asked each time: any silo answers what was published last.</summary>
internal sealed class ActiveSettings(IGrainFactory grains) : IDisposable
{
    private readonly SemaphoreSlim _loading = new(1);

    // Immutable, exchanged as one.
    private RevisionSettings _last = RevisionSettings.None;

    /// <summary>The active ones.</summary>
    public async Task<RevisionSettings> GetAsync(CancellationToken cancellation)
    {
        var catalog = grains.GetGrain<ICatalogGrain>(AdminApi.Workspace);
        var head = await catalog.GetHeadAsync();
        if (Known(head) is { } known)
        {
            return known;
        }

        await _loading.WaitAsync(cancellation);
        try
        {
            if (Known(head) is { } loaded)
            {
                return loaded;
            }

            var read = await FindAsync(head.Revision) ?? RevisionSettings.None;
            Volatile.Write(ref _last, read);
            return read;
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Those of any revision; null where there is none of that number.</summary>
    public async Task<RevisionSettings?> FindAsync(long number) =>
        number > 0 && await grains.GetGrain<ICatalogGrain>(AdminApi.Workspace).GetRevisionAsync(number) is { } revision
            ? new RevisionSettings(number, revision.Info.Hash, SettingsTable.Of(revision.Resources))
            : null;

    public void Dispose() => _loading.Dispose();

    private RevisionSettings? Known(Head head)
    {
        var last = Volatile.Read(ref _last);
        return last.Revision == head.Revision && string.Equals(last.Hash, head.Hash, StringComparison.Ordinal) ? last : null;
    }
}

/// <summary>The settings of one revision.</summary>
/// <param name="Revision">Its number; 0 before the first.</param>
/// <param name="Hash">The revision's.</param>
internal sealed record RevisionSettings(long Revision, string Hash, SettingsTable Table)
{
    public static RevisionSettings None { get; } = new(0, "", SettingsTable.Empty);
}
