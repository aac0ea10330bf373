using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Edge.Configuration;

/// <summary>
/// Brings an edge out of a hold of which no news comes, because who was to commit is gone: it asks the fleet, which makes sure that there will be no such commit. The edge
/// never goes on by itself. See docs/reload.md, "Strict workspaces".
/// </summary>
public sealed class HoldRelease(
    IClusterClient cluster, EdgeStart start, ActiveRevision active, RevisionFollower follower, TimeProvider time, ILogger<HoldRelease> log) : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(1);
    private readonly Channel<bool> _begun = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>A hold has begun.</summary>
    public void Watch() => _begun.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var _ in _begun.Reader.ReadAllAsync(stoppingToken))
        {
            while (active.Held is { } held)
            {
                if (await EndsAsync(stoppingToken) || active.Held != held)
                {
                    continue;
                }

                try
                {
                    follower.Offer(await cluster.GetGrain<IEdgeFleetGrain>(start.Workspace).ReleaseAsync(held).WaitAsync(CallBound, time, stoppingToken));
                    log.LogWarning("No news came of revision {Revision}, for which requests are held; the fleet has ended the hold", held.Revision);
                }
                catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
                {
                    log.LogWarning("Requests are held for revision {Revision}, and the fleet cannot be asked: {Reason}", held.Revision, failure.Message);
                }
            }
        }
    }

    private async Task<bool> EndsAsync(CancellationToken stopping)
    {
        var since = time.GetTimestamp();
        while (Patience - time.GetElapsedTime(since) is { Ticks: > 0 } rest)
        {
            var advanced = active.Advanced;
            if (active.Held is null)
            {
                return true;
            }

            await advanced.WaitAsync(rest, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stopping.ThrowIfCancellationRequested();
        }

        return active.Held is null;
    }
}
