using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Calls;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Edge.Configuration;

/// <summary>
/// Hears of candidates, heads and changes by a call that the fleet holds open and answers the moment there is something. It makes this edge quick and nothing
/// more: what it misses comes with the next renewal. In a strict workspace it also hears what to hold new requests for. See docs/reload.md.
/// </summary>
internal sealed class FleetListener(
    IClusterClient cluster,
    EdgeStart start,
    FleetMembership membership,
    ActiveRevision active,
    HoldRelease release,
    RevisionFollower follower,
    Preparation preparation,
    ChangeFeed changes,
    CallDelivery calls,
    TimeProvider time,
    ILogger<FleetListener> log) : BackgroundService
{
    // The fleet holds a call for a second.
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await membership.Registered.WaitAsync(stoppingToken);
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2), time);
        var seen = FleetNews.None;
        while (true)
        {
            try
            {
                var news = await cluster.GetGrain<IEdgeFleetGrain>(start.Workspace).WatchAsync(start.Id, seen).WaitAsync(CallBound, time, stoppingToken);
                backoff.Reset();
                Take(news, seen);
                seen = news;
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogDebug("The fleet could not be listened to and is tried again: {Reason}", failure.Message);
                await backoff.WaitAsync(stoppingToken);
            }
        }
    }

    private void Take(FleetNews news, FleetNews seen)
    {
        follower.Offer(news.Head);
        if (news.Hold is { } candidate && candidate != seen.Hold)
        {
            // Held before it is told: the fleet takes what was seen for a promise.
            active.Hold(candidate);
            release.Watch();
        }

        if (news.Candidate is { } prepared)
        {
            preparation.Offer(prepared);
        }

        if (news.Calls is { } wanted && wanted != seen.Calls)
        {
            calls.Offer(wanted);
        }

        if (news.LastChange > seen.LastChange)
        {
            changes.Offer(news.LastChange);
        }
    }
}
