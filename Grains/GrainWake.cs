using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Acme;
using Sluice.Grains.Interfaces.Rollouts;
using Sluice.Grains.Interfaces.Webhooks;

namespace Sluice.Grains;

/// <summary>
/// Sees to it that rollouts go on, certificates are obtained, and what waits for webhooks is sent, after the silo that was to do it was lost: every silo calls their grains every two seconds, and a
/// call activates a grain anew wherever there is a silo. Storage is asked by nobody for it while the grains are there.
/// </summary>
internal sealed class GrainWake(IGrainFactory grains, TimeProvider time, ILogger<GrainWake> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Every, time, stoppingToken);
            await Task.WhenAll(
                LookAsync("Rollouts", WakeRolloutsAsync, stoppingToken),
                LookAsync("Certificates", grains.GetGrain<ICertificateOrdersGrain>(GrainKeys.DefaultWorkspace).WakeAsync, stoppingToken),
                LookAsync("Webhooks", grains.GetGrain<IWebhooksGrain>(GrainKeys.DefaultWorkspace).WakeAsync, stoppingToken));
        }
    }

    private async Task WakeRolloutsAsync()
    {
        var all = await grains.GetGrain<IRolloutDirectoryGrain>(GrainKeys.DefaultWorkspace).ListAsync();
        await Task.WhenAll(all.Where(r => r.Runs).Select(r => grains.GetGrain<IRolloutGrain>(GrainKeys.Join(GrainKeys.DefaultWorkspace, r.Name)).WakeAsync()));
    }

    private async Task LookAsync(string what, Func<Task> wake, CancellationToken stopping)
    {
        try
        {
            await wake().WaitAsync(CallBound, time, stopping);
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            log.LogDebug("{What} could not be looked after and are again soon: {Reason}", what, failure.Message);
        }
    }
}
