using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.CallLog;

/// <summary>Sends what waits to the call log each second, one batch after the other. A batch that is not answered is sent again as it was; what comes meanwhile fills the buffer, and then is dropped there.</summary>
internal sealed class CallLogDelivery(IClusterClient cluster, EdgeStart start, CallBuffer buffer, TimeProvider time, ILogger<CallLogDelivery> log) : BackgroundService
{
    private const int MostInBatch = 5_000;
    private const int BatchesInRound = 8;
    private const int TriesAtEnd = 2;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(3);
    private LoggedCalls? _sent;
    private long _number;
    private bool _isTold;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var bound = new CancellationTokenSource(EndBound, time);
        for (var tries = 0; tries < TriesAtEnd && buffer.Waiting > 0 && !bound.IsCancellationRequested; tries++)
        {
            await SendAsync(bound.Token);
        }

        if (buffer.Waiting is > 0 and var lost)
        {
            log.LogWarning("{Calls} calls could not be brought to the call log before the end.", lost);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (buffer.IsOn)
        {
            await Task.Delay(Every, time, stoppingToken);
            await SendAsync(stoppingToken);
        }
    }

    private async Task SendAsync(CancellationToken stopping)
    {
        for (var sent = 0; sent < BatchesInRound && Next() is { } batch; sent++)
        {
            try
            {
                var day = UsageRows.DayOf(batch.Calls[0].Ended).ToString(CultureInfo.InvariantCulture);
                await cluster.GetGrain<IEdgeCallLogGrain>(GrainKeys.Join(start.Workspace, day)).AppendAsync(batch).WaitAsync(CallBound, time, stopping);
                _sent = null;
                _isTold = false;
                buffer.Leave(batch.Calls.Length, isLogged: true);
            }
            catch (Exception failure) when (!stopping.IsCancellationRequested)
            {
                // Once, until it goes again.
                if (!_isTold)
                {
                    log.LogWarning("Calls wait for the call log, and are dropped and counted where there is no more room: {Reason}", failure.Message);
                    _isTold = true;
                }

                return;
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private LoggedCalls? Next()
    {
        if (_sent is null && buffer.Take(MostInBatch) is { IsEmpty: false } calls)
        {
            _sent = new LoggedCalls(start.Id, ++_number, calls);
        }

        return _sent;
    }
}
