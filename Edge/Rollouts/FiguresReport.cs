using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Edge.Rollouts;

/// <summary>
/// Learns what rollouts watch, at the start and whenever a change says that it may be another, and sends what was counted each second in numbered batches. A batch keeps
/// its number and content until it is answered, so it counts once however often it is sent. See docs/rollouts.md.
/// </summary>
internal sealed class FiguresReport(IClusterClient cluster, EdgeStart start, WatchedSplits splits, TimeProvider time, ILogger<FiguresReport> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        splits.Poke();
        await Task.WhenAll(WatchAsync(stoppingToken), SendAsync(stoppingToken));
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), time);
        while (await splits.Pokes.WaitToReadAsync(stopping))
        {
            splits.Pokes.TryRead(out _);
            try
            {
                splits.Watch(await cluster.GetGrain<IEdgeRolloutDirectoryGrain>(start.Workspace).GetWatchedAsync().WaitAsync(CallBound, time, stopping));
                backoff.Reset();
            }
            catch (Exception failure) when (!stopping.IsCancellationRequested)
            {
                log.LogDebug("What rollouts watch could not be asked and is asked again: {Reason}", failure.Message);
                await backoff.WaitAsync(stopping);
                splits.Poke();
            }
        }
    }

    private async Task SendAsync(CancellationToken stopping)
    {
        while (true)
        {
            await Task.Delay(Every, time, stopping);
            await Task.WhenAll(splits.Tallies.Select(tally => SendAsync(tally, stopping)));
        }
    }

    private async Task SendAsync(SplitTally tally, CancellationToken stopping)
    {
        if (tally.NextBatch(start.Id) is not { } batch)
        {
            return;
        }

        try
        {
            await cluster.GetGrain<IEdgeRolloutGrain>(GrainKeys.Join(start.Workspace, tally.Split.Rollout)).ReportAsync(batch).WaitAsync(CallBound, time, stopping);
            tally.Answered();
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            log.LogDebug("Figures of rollout {Rollout} are kept and sent again: {Reason}", tally.Split.Rollout, failure.Message);
        }
    }
}
