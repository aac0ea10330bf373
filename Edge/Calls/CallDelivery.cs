using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Edge.Targets;
using Sluice.Grains.Interfaces.Calls;

namespace Sluice.Edge.Calls;

/// <summary>Tells the calls of the last hour, or what is measured of a model's targets, when they are wanted, in parts; what could not be told is not tried again: whoever wanted it is told that this edge was silent.</summary>
internal sealed class CallDelivery(IClusterClient cluster, EdgeStart start, RecentCalls calls, TargetReadings targets, TimeProvider time, ILogger<CallDelivery> log) : BackgroundService
{
    private const int MostInPart = 500;
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(5);

    // Only the newest question matters.
    private readonly Channel<CallsWanted> _wanted = Channel.CreateBounded<CallsWanted>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>They are wanted.</summary>
    public void Offer(CallsWanted wanted) => _wanted.Writer.TryWrite(wanted);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var wanted in _wanted.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await TellAsync(wanted, stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogInformation("Calls were wanted and could not be told: {Reason}", failure.Message);
            }
        }
    }

    private async Task TellAsync(CallsWanted wanted, CancellationToken stopping)
    {
        var grain = cluster.GetGrain<IEdgeCallsGrain>(start.Workspace);
        if (wanted.TargetsOf is { } model)
        {
            var told = new CallBatch(wanted.Number, start.Id, 0, IsLast: true, [], new CallSum(IsOff: false, time.GetUtcNow(), 0, 0), targets.Of(model));
            await grain.DeliverAsync(told).WaitAsync(CallBound, time, stopping);
            return;
        }

        var (sum, kept) = calls.Take(Math.Max(1, wanted.MostCalls), Math.Max(1, wanted.MostCharacters));
        var parts = Math.Max(1, (kept.Length + MostInPart - 1) / MostInPart);
        for (var part = 0; part < parts; part++)
        {
            var from = part * MostInPart;
            var batch = new CallBatch(
                wanted.Number, start.Id, part, part == parts - 1, kept[from..Math.Min(from + MostInPart, kept.Length)], sum);
            await grain.DeliverAsync(batch).WaitAsync(CallBound, time, stopping);
        }
    }
}
