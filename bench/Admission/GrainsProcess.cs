using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Silo;

namespace Sluice.Bench.Admission;

/// <summary>The process of the silo, with the budgets of <see cref="Chain"/>. Says "ready", and ends with its input.</summary>
internal static class GrainsProcess
{
    /// <summary>Runs it to its end.</summary>
    public static async Task RunAsync(string folder, int gatewayPort)
    {
        await using var silo = SiloHost.Create(
            new SiloOptions { Data = folder, Admin = 0, SiloPort = 0, GatewayPort = gatewayPort }, static logging => logging.ClearProviders());
        await silo.StartAsync();
        var outcome = await silo.Services.GetRequiredService<IGrainFactory>().GetGrain<ICatalogGrain>(GrainKeys.DefaultWorkspace).PublishAsync(
            new PublishRequest([.. Chain.Budgets.Select(Encoding.UTF8.GetBytes)], [], Prune: false, IfMatch: null, DryRun: false, Author.System, "bench"));
        Trace.Assert(outcome is PublishOutcome.Published, outcome.ToString());
        await Console.Out.WriteLineAsync("ready");
        await Console.In.ReadToEndAsync();
        await silo.StopAsync();
    }
}
