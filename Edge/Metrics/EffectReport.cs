using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces.Effects;

namespace Sluice.Edge.Metrics;

/// <summary>
/// Sends how requests went under each revision, in numbered batches. A batch keeps its number and content until it is answered, so it counts once however often it is
/// sent; what is counted meanwhile is summed for the next. A revision is told of once it is active, with or without requests. See docs/monitoring.md.
/// </summary>
internal sealed class EffectReport(IClusterClient cluster, EdgeStart start, SiloConnection connection, ActiveRevision active, TimeProvider time, ILogger<EffectReport> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(5);
    private EffectBatch? _sent;
    private long _number;
    private long _told;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await connection.Opened.WaitAsync(stoppingToken);
        while (true)
        {
            await Task.Delay(Every, time, stoppingToken);
            await SendAsync(stoppingToken);
        }
    }

    private async Task SendAsync(CancellationToken stopping)
    {
        _sent ??= Next();
        if (_sent is not { } batch)
        {
            return;
        }

        try
        {
            await cluster.GetGrain<IEdgeEffectGrain>(start.Workspace).RecordAsync(batch).WaitAsync(CallBound, time, stopping);
            (_sent, _told) = (null, batch.Active);
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            log.LogDebug("How requests went is kept and told again: {Reason}", failure.Message);
        }
    }

    // What an edge runs before a silo has named the head is no news of this cluster.
    private EffectBatch? Next()
    {
        if (active.Head is not { } head)
        {
            return null;
        }

        ImmutableArray<RevisionFigures> figures = active.InUse.Take();
        return figures.IsEmpty && head.Revision == _told ? null : new EffectBatch(start.Id, ++_number, head.Revision, figures);
    }
}
