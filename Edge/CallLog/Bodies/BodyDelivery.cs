using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.CallLog.Bodies;

/// <summary>Redacts what waits, away from requests, and brings it to where each tenant's bodies rest. What no silo takes in a few tries is dropped and counted: no request waits, and none fails by it.</summary>
internal sealed class BodyDelivery(IClusterClient cluster, EdgeStart start, BodyBuffer buffer, TimeProvider time, ILogger<BodyDelivery> log) : BackgroundService
{
    private const int MostInRound = 500;
    private const int Tries = 3;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(3);
    private bool _isTold;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var bound = new CancellationTokenSource(EndBound, time);
        await SendAsync(bound.Token);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Every, time, stoppingToken);
            await SendAsync(stoppingToken);
        }
    }

    private async Task SendAsync(CancellationToken stopping)
    {
        var taps = new List<BodyTap>();
        while (taps.Count < MostInRound && buffer.TryNext(out var tap))
        {
            taps.Add(tap);
        }

        foreach (var tenant in taps.GroupBy(tap => tap.Tenant, StringComparer.Ordinal))
        {
            var bodies = tenant.Select(Redact).OfType<CallBody>().ToImmutableArray();
            var isKept = bodies.IsEmpty || await TryAsync(tenant.Key, bodies, stopping);
            buffer.Count(bodies.Length, isKept);
            buffer.Count(tenant.Count() - bodies.Length, isLogged: false);
            foreach (var tap in tenant)
            {
                tap.Leave();
            }
        }
    }

    // What cannot be made unreadable is not kept.
    private CallBody? Redact(BodyTap tap)
    {
        try
        {
            return tap.Redact(RequestTimes.Of(tap.RequestId) ?? time.GetUtcNow());
        }
        catch (Exception failure)
        {
            log.LogError("Bodies of call {Request} could not be redacted and are not kept: {Reason}", tap.RequestId, failure.GetType().Name);
            return null;
        }
    }

    private async Task<bool> TryAsync(string tenant, ImmutableArray<CallBody> bodies, CancellationToken stopping)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                var isKept = await cluster.GetGrain<IEdgeCallBodiesGrain>(GrainKeys.Join(start.Workspace, tenant)).AppendAsync(bodies).WaitAsync(CallBound, time, stopping);
                _isTold &= !isKept;
                return isKept;
            }
            catch (Exception failure) when (!stopping.IsCancellationRequested && tries < Tries)
            {
                // Once, until it goes again.
                if (!_isTold)
                {
                    log.LogWarning("Bodies of calls could not be brought to where they rest, and are dropped and counted after {Tries} tries: {Reason}", Tries, failure.Message);
                    _isTold = true;
                }
            }
            catch (Exception) when (stopping.IsCancellationRequested || tries == Tries)
            {
                return false;
            }
        }
    }
}
