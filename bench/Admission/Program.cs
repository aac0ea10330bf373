using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.Bench.Admission;
using Sluice.Edge;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Silo;

// Measures admission on one edge against grains on SQLite, all in one process, as bench/admission asks: HOW-MANY subjects are active at once.
var subjects = int.Parse(args[0], CultureInfo.InvariantCulture);
var folder = Directory.CreateTempSubdirectory("sluice-admission-").FullName;
await using var silo = SiloHost.Create(new SiloOptions { Data = folder, Admin = 0, SiloPort = 0, GatewayPort = 0 }, Quiet);
await silo.StartAsync();
var cluster = silo.Services.GetRequiredService<IClusterClient>();
await PublishAsync(cluster);
await using var edge = EdgeHost.Create(new EdgeOptions { Http = 0, Ops = 0, Listen = "127.0.0.1", DrainDelay = TimeSpan.Zero }, cluster, Quiet);
await edge.StartAsync();
var active = edge.Services.GetRequiredService<ActiveRevision>();
await active.Ready;
try
{
    var chain = new Chain(edge.Services.GetRequiredService<Meter>(), active.Current!);
    Console.WriteLine(await chain.MeasureAsync());
    Console.WriteLine(await chain.SpreadAsync(subjects));
}
finally
{
    await edge.StopAsync();
    await silo.StopAsync();
    Directory.Delete(folder, recursive: true);
}

static void Quiet(ILoggingBuilder logging) => logging.ClearProviders();

static async Task PublishAsync(IClusterClient cluster)
{
    var outcome = await cluster.GetGrain<ICatalogGrain>(GrainKeys.DefaultWorkspace).PublishAsync(
        new PublishRequest([.. Chain.Budgets.Select(Encoding.UTF8.GetBytes)], [], Prune: false, IfMatch: null, DryRun: false, Author.System, "bench"));
    Trace.Assert(outcome is PublishOutcome.Published, outcome.ToString());
}
