using System.Diagnostics;
using System.Globalization;
using Azure.Storage.Blobs;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using Orleans.TestingHost;
using Sluice.Bench.Storage;
using Sluice.Storage;
using Sluice.Storage.Azure;
using Sluice.Storage.Sqlite;

// Measures each store with one writer and with 64, and prints a Markdown table. Usage: the connection string of an account (Azurite) in SLUICE_BENCH_AZURE.
const int Writers = 64;
var duration = TimeSpan.FromSeconds(5);
if (Environment.GetEnvironmentVariable("SLUICE_BENCH_AZURE") is not { } connectionString)
{
    Console.Error.WriteLine("bench: set SLUICE_BENCH_AZURE to the connection string of an account, such as UseDevelopmentStorage=true for Azurite");
    return 2;
}

var folder = Directory.CreateTempSubdirectory("sluice-bench-");
var account = AzureAccount.Parse(connectionString);
var suffix = Guid.NewGuid().ToString("N")[..8];
var builder = new InProcessTestClusterBuilder(initialSilosCount: 1);
builder.ConfigureSilo((_, silo) => silo
    .AddSqliteGrainStorage("SQLite", o => o.Configure(s => s.Path = Path.Combine(folder.FullName, "bench.db")))
    .AddAzureGrainStorage("Azure tables, group commit", o => o.Configure(s => (s.Account, s.TableName) = (account, "BenchGroup" + suffix)))
    .AddAzureGrainStorage("Azure tables, a write by itself", o => o.Configure(s => (s.Account, s.TableName, s.MaxBatch) = (account, "BenchSingle" + suffix, 1)))
    .AddAzureBlobGrainStorage("Azure blobs, official provider", (AzureBlobStorageOptions o) =>
    {
        o.BlobServiceClient = account.Blobs(new BlobClientOptions());
        o.GrainStorageSerializer = JsonState.Serializer;
        o.ContainerName = "bench-" + suffix;
    }));
var cluster = builder.Build();
try
{
    await cluster.DeployAsync();
    Console.WriteLine("| store | one writer, median | p99 | 64 writers, writes/s |");
    Console.WriteLine("|---|---|---|---|");
    foreach (var name in (string[])["SQLite", "Azure tables, group commit", "Azure tables, a write by itself", "Azure blobs, official provider"])
    {
        var storage = cluster.GetSiloServiceProvider().GetRequiredKeyedService<IGrainStorage>(name);
        await WriteAsync(storage, TimeSpan.FromSeconds(1));
        var alone = await WriteAsync(storage, duration);
        alone.Sort();
        var crowd = await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteAsync(storage, duration)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {alone[alone.Count / 2]:0.00} ms | {alone[alone.Count * 99 / 100]:0.00} ms | {crowd.Sum(c => c.Count) / duration.TotalSeconds:0} |"));
    }
}
finally
{
    await cluster.StopAllSilosAsync();
    await cluster.DisposeAsync();
    folder.Delete(recursive: true);
}

return 0;

// One grain's writes, one after the other; the time of each in milliseconds.
static async Task<List<double>> WriteAsync(IGrainStorage storage, TimeSpan duration)
{
    var id = GrainId.Create("bench", Guid.NewGuid().ToString("N"));
    var state = new GrainState<Balance>(new Balance("tokens", 0, new string('x', 400)));
    var times = new List<double>();
    var started = Stopwatch.GetTimestamp();
    while (Stopwatch.GetElapsedTime(started) < duration)
    {
        var before = Stopwatch.GetTimestamp();
        state.State = state.State! with { Amount = state.State.Amount + 1 };
        await storage.WriteStateAsync("balance", id, state);
        times.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
    }

    return times;
}
