using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Rollouts;

namespace Sluice.Grains.Rollouts;

/// <summary>
/// Sees to it that rollouts go on after the silo that held them was lost: every silo calls those that run every two seconds, and a call activates a grain anew
/// wherever there is a silo. Storage is asked by nobody for it while the grains are there.
/// </summary>
internal sealed class RolloutWake(IGrainFactory grains, TimeProvider time, ILogger<RolloutWake> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Every, time, stoppingToken);
            try
            {
                var all = await grains.GetGrain<IRolloutDirectoryGrain>(GrainKeys.DefaultWorkspace).ListAsync().WaitAsync(CallBound, time, stoppingToken);
                await Task.WhenAll(all.Where(r => r.Runs).Select(r => grains.GetGrain<IRolloutGrain>(GrainKeys.Join(GrainKeys.DefaultWorkspace, r.Name)).WakeAsync()))
                    .WaitAsync(CallBound, time, stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogDebug("Rollouts could not be looked after and are again soon: {Reason}", failure.Message);
            }
        }
    }
}
