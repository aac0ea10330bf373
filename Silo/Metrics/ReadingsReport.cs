using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Grains.Interfaces;
using Sluice.Revisions.Alerts;

namespace Sluice.Silo.Metrics;

/// <summary>Tells what this silo's instruments stand at, as far as alerts are over them; by that the alerts are evaluated wherever there is a silo. See docs/alerts.md.</summary>
internal sealed class ReadingsReport(IGrainFactory grains, MetricsText text, TimeProvider time, ILogger<ReadingsReport> log) : BackgroundService
{
    private readonly ReadingsReporter _reporter = new(grains, GrainKeys.DefaultWorkspace, $"silo-{Guid.CreateVersion7(time.GetUtcNow()):N}", isSilo: true, text.ReadAsync, time);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _reporter.LeaveAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _reporter.RunAsync(failure => log.LogDebug("What alerts are over could not be told, and is soon: {Reason}", failure.Message), stoppingToken);
}
