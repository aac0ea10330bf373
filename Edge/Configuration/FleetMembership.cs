using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Identity;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Edge.Configuration;

/// <summary>
/// This edge's place in its fleet: registered at the start, its lease renewed every third of its length, left at the stop. Each grant tells the head
/// and the last change, so that an edge that missed every event is right again within a third of a lease. See docs/reload.md.
/// </summary>
public sealed class FleetMembership(
    IClusterClient cluster,
    EdgeStart start,
    SiloConnection connection,
    ActiveRevision active,
    RevisionFollower follower,
    ChangeFeed changes,
    KeyCache keys,
    TimeProvider time,
    ILogger<FleetMembership> log)
    : BackgroundService
{
    private static readonly TimeSpan RegisterBound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LeaveBound = TimeSpan.FromSeconds(2);
    private const int MostUnderWay = 4;
    private TimeSpan _length;
    private volatile bool _failed;
    private long _begunBefore;
    private long _reportedAt;
    private readonly TaskCompletionSource _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when this edge is registered, and knows what it needs to know callers.</summary>
    public Task Registered => _registered.Task;

    private IEdgeFleetGrain Fleet => cluster.GetGrain<IEdgeFleetGrain>(start.Workspace);

    /// <summary>Stops renewing and leaves, within two seconds: an edge that cannot say so is left out when its lease ends.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        active.Leave();
        if (!_registered.Task.IsCompleted)
        {
            return;
        }

        try
        {
            await Fleet.LeaveAsync(start.Id).WaitAsync(LeaveBound, time, cancellationToken);
        }
        catch (Exception failure)
        {
            log.LogInformation("The fleet could not be told that this edge leaves: {Reason}", failure.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await connection.Opened.WaitAsync(stoppingToken);
        _length = await RegisterAsync(stoppingToken);
        var underWay = new List<Task>();
        try
        {
            while (true)
            {
                // A renewal that is not answered, since its silo ends or was lost, holds up no other.
                underWay.RemoveAll(static renewal => renewal.IsCompleted);
                if (underWay.Count < MostUnderWay)
                {
                    underWay.Add(RenewAsync(stoppingToken));
                }

                await Task.Delay(_length / 3, time, stoppingToken);
            }
        }
        finally
        {
            // None of them may take a grant once the edge has left.
            await Task.WhenAll(underWay);
        }
    }

    private async Task RenewAsync(CancellationToken stopping)
    {
        var asked = active.Now;
        try
        {
            var grant = await Fleet.RenewAsync(Report(time.GetTimestamp())).WaitAsync(_length, time, stopping);
            _length = Take(grant, asked);
            changes.Offer(grant.LastChange, reconnected: _failed);
            _failed = false;
        }
        catch (Exception failure)
        {
            if (!_failed && !stopping.IsCancellationRequested)
            {
                log.LogWarning("The lease could not be renewed and is tried again: {Reason}", failure.Message);
            }

            _failed = true;
        }
    }

    private async Task<TimeSpan> RegisterAsync(CancellationToken cancellation)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), time);
        while (true)
        {
            try
            {
                // Subscribed before registered: a change after the registration's number is on the stream.
                await changes.SubscribeAsync(cancellation);
                _reportedAt = time.GetTimestamp();
                var asked = active.Now;
                var registration = await Fleet.RegisterAsync(start.Hello()).WaitAsync(RegisterBound, time, cancellation);
                keys.UsePeppers(registration.Peppers);
                _registered.TrySetResult();
                changes.Begin(registration.Grant.LastChange);
                return Take(registration.Grant, asked);
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                log.LogWarning("This edge is not registered yet and tries again: {Reason}", failure.Message);
                await backoff.WaitAsync(cancellation);
            }
        }
    }

    private TimeSpan Take(LeaseGrant grant, Instant asked)
    {
        active.Granted(asked, grant);
        follower.Offer(grant.Head);
        return grant.Length;
    }

    private EdgeReport Report(long now)
    {
        var begun = active.InUse.Begun;
        var seconds = time.GetElapsedTime(_reportedAt, now).TotalSeconds;
        var rate = seconds > 0 ? (begun - _begunBefore) / seconds : 0;
        (_begunBefore, _reportedAt) = (begun, now);
        var (head, changes) = active.Reached;
        return new EdgeReport(start.Hello(), head, rate, (int)active.InUse.InFlight, follower.Fault, changes, RevisionUse.Of(active.InUse.Look()));
    }
}
