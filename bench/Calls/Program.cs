using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.Bench.Calls;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.CallLog;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Silo;

// Brings so many calls of 28 days to the call log of a silo, as edges do, and measures what the admin API answers of them. Usage, by bench/calls: HOW-MANY. Prints a table's rows.
const int Days = 28;
const int Batch = 5_000;
const int Runs = 15;
var total = long.Parse(args[0], CultureInfo.InvariantCulture);
var folder = Directory.CreateTempSubdirectory("sluice-calls-").FullName;
try
{
    await using var silo = SiloHost.Create(new SiloOptions { Data = folder, Admin = 0, SiloPort = 0, GatewayPort = 0 }, static logging => logging.ClearProviders());
    await silo.StartAsync();
    var grains = silo.Services.GetRequiredService<IGrainFactory>();
    var key = (await grains.GetGrain<IAdminKeysGrain>(IAdminKeysGrain.Key).BootstrapAsync())!.Secret;
    using var http = new HttpClient { BaseAddress = new Uri(SiloHost.AdminAddress(silo), "/api/v1/"), Timeout = TimeSpan.FromMinutes(2) };
    http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

    var begin = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(-Days);
    var calls = new MadeCalls(begin, Days, total);
    var clock = Stopwatch.StartNew();
    await Parallel.ForAsync(0, Days, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (day, _) => await BringAsync(grains, calls, begin, day));
    var brought = clock.Elapsed;
    clock.Restart();
    foreach (var day in Enumerable.Range(0, Days))
    {
        while (!await DayOf(grains, begin, day).MergeAsync())
        {
            // Each call merges the files of an hour.
        }
    }

    var merged = clock.Elapsed;
    var size = new DirectoryInfo(Path.Combine(folder, "calls")).EnumerateFiles("*.parquet", SearchOption.AllDirectories).ToList();
    var before = Memory();
    var random = new Random(7);
    var hour = (DateTimeOffset at) => $"from={Text(at)}&to={Text(at.AddHours(1))}";
    var month = $"from={Text(begin)}&to={Text(begin.AddDays(Days))}";
    Func<string> anyTenant = () => string.Create(CultureInfo.InvariantCulture, $"tenant=tenant-{random.Next(MadeCalls.Tenants)}");

    var first = await TimeAsync(http, () => $"calls?{anyTenant()}&{hour(begin.AddDays(3).AddHours(10))}", 1);
    Row("the first search of all, which loads DuckDB", first);
    Row("the calls of a tenant in an hour", await TimeAsync(http, () => $"calls?{anyTenant()}&{hour(begin.AddHours(random.Next(Days * 24)))}", Runs));
    Row("a month's cost by model", await TimeAsync(http, () => $"analysis/figures?by=model&{month}", Runs));
    Row("a month's trend by day, with percentiles", await TimeAsync(http, () => $"analysis/figures?by=day&{month}", Runs));
    Row("a month's cost by tenant and model", await TimeAsync(http, () => $"analysis/figures?by=tenant,model&{month}", Runs));
    Row("the newest 100 failures of a month", await TimeAsync(http, () => $"calls?status=5xx&{month}", Runs));
    Row("the calls of a tenant with a tag, over 10 s, of a month", await TimeAsync(http, () => $"calls?{anyTenant()}&tag=feature=code&minLatency=10s&{month}", Runs));
    Row("one call by its id, as a timeline", await TimeAsync(http, () => $"calls/{calls.Day(random.Next(Days)).Skip(random.Next(1_000)).First().RequestId}", Runs));
    Row("unusual hours of the last day", await TimeAsync(http, () => $"analysis/anomalies?measure=cost&from={Text(begin.AddDays(Days - 1))}&to={Text(begin.AddDays(Days))}", Runs));
    Console.WriteLine();
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{total:N0} calls of {Days} days and {MadeCalls.Tenants} tenants in {size.Count} files, {size.Sum(file => file.Length) / (double)total:0} bytes a call; brought in {brought.TotalSeconds:0} s ({total / brought.TotalSeconds:N0} a second), then merged in {merged.TotalSeconds:0} s. The silo took {before} MiB before the first search and {Memory()} MiB at most after them."));
    await silo.StopAsync();
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static ICallLogGrain DayOf(IGrainFactory grains, DateTimeOffset begin, int day) =>
    grains.GetGrain<ICallLogGrain>(GrainKeys.Join(GrainKeys.DefaultWorkspace, UsageRows.DayOf(begin.AddDays(day)).ToString(CultureInfo.InvariantCulture)));

static async Task BringAsync(IGrainFactory grains, MadeCalls calls, DateTimeOffset begin, int day)
{
    var number = 0;
    foreach (var batch in calls.Day(day).Chunk(Batch))
    {
        await DayOf(grains, begin, day).AppendAsync(new LoggedCalls("bench", ++number, [.. batch]));
    }
}

static async Task<(double Median, double Most)> TimeAsync(HttpClient http, Func<string> path, int runs)
{
    var times = new List<double>();
    for (var run = 0; run < runs; run++)
    {
        var asked = path();
        var clock = Stopwatch.StartNew();
        using var answer = await http.GetAsync(asked);
        var body = await answer.Content.ReadAsStringAsync();
        times.Add(clock.Elapsed.TotalMilliseconds);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{asked}: {(int)answer.StatusCode} {body}");
        }
    }

    times.Sort();
    return (times[times.Count / 2], times[^1]);
}

static void Row(string what, (double Median, double Most) time) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {time.Median:N0} | {time.Most:N0} |"));

static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

static long Memory()
{
    using var process = Process.GetCurrentProcess();
    process.Refresh();
    return process.PeakWorkingSet64 >> 20;
}
