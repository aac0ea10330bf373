using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Revisions.Alerts;

namespace Sluice.Edge.Metrics;

/// <summary>Tells what this edge's instruments stand at, as far as alerts are over them. See docs/alerts.md.</summary>
internal sealed class ReadingsReport(IClusterClient cluster, EdgeStart start, SiloConnection connection, MetricsText text, TimeProvider time, ILogger<ReadingsReport> log) : BackgroundService
{
    private readonly ReadingsReporter _reporter = new(cluster, start.Workspace, start.Id, isSilo: false, text.ReadAsync, time);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (connection.Opened.IsCompletedSuccessfully)
        {
            await _reporter.LeaveAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await connection.Opened.WaitAsync(stoppingToken);
        await _reporter.RunAsync(failure => log.LogDebug("What alerts are over could not be told, and is soon: {Reason}", failure.Message), stoppingToken);
    }
}
