using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Edge.Configuration;

/// <summary>
/// Tells the fleet at once how far this edge has come, so that barriers end as soon as they can. One call at a time, always of the newest; what is lost is told
/// again by the next renewal. See docs/reload.md.
/// </summary>
public sealed class Acknowledgement(IClusterClient cluster, EdgeStart start, SiloConnection connection, ActiveRevision active, TimeProvider time, ILogger<Acknowledgement> log)
    : BackgroundService
{
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await connection.Opened.WaitAsync(stoppingToken);
        while (true)
        {
            var advanced = active.Advanced;
            var (head, changes) = active.Reached;
            try
            {
                await cluster.GetGrain<IEdgeFleetGrain>(start.Workspace).AcknowledgeAsync(start.Id, head, changes).WaitAsync(CallBound, time, stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogDebug("The fleet could not be told of {Head}; the next renewal will: {Reason}", head.Revision, failure.Message);
            }

            await advanced.WaitAsync(stoppingToken);
        }
    }
}
