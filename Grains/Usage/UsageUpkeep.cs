using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>Sees to it that days which are over come to rest and old ones are let go: every silo calls the grain of each workspace's days once a minute, and one call at a time does the work.</summary>
internal sealed class UsageUpkeep(IGrainFactory grains, IOptions<UsageOptions> options, TimeProvider time, ILogger<UsageUpkeep> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(60);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Every, time, stoppingToken);
            foreach (var workspace in options.Value.Workspaces.Keys.Append(GrainKeys.DefaultWorkspace).Distinct(StringComparer.Ordinal))
            {
                try
                {
                    await grains.GetGrain<IUsageDaysGrain>(workspace).UpkeepAsync().WaitAsync(CallBound, time, stoppingToken);
                    await grains.GetGrain<ICallDaysGrain>(workspace).UpkeepAsync().WaitAsync(CallBound, time, stoppingToken);
                    await grains.GetGrain<ICallBodyTenantsGrain>(workspace).UpkeepAsync().WaitAsync(CallBound, time, stoppingToken);
                }
                catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
                {
                    log.LogWarning("Days of usage of {Workspace} could not be looked after and are again soon: {Reason}", workspace, failure.Message);
                }
            }
        }
    }
}
