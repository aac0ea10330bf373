using System.Globalization;
using Sluice.Bench.Streams;

// Usage: streams UPSTREAM_PORT WARM_UP ROUNDS NAME=ADDRESS[=KEY_VARIABLE] …: serves the upstream, asks it by each way in turn, and prints the rows of a table. The first way is the
// one that the others are compared with. A key is named by the environment variable that holds it.
if (args.Length < 4)
{
    await Console.Error.WriteLineAsync("usage: streams UPSTREAM_PORT WARM_UP ROUNDS NAME=ADDRESS[=KEY_VARIABLE] …");
    return 2;
}

using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(5), TimeProvider.System);
await using var upstream = await StreamingUpstream.StartAsync(Number(0));
var probes = args[3..].Select(Parse).ToArray();
await RunAsync(Number(1));
Array.ForEach(probes, p => p.Clear());
await RunAsync(Number(2));

var direct = probes[0];
foreach (var probe in probes)
{
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {probe.Name} | {probe.FirstByte.P50:0} | {probe.FirstByte.P99:0} | {probe.FirstByte.P50 - direct.FirstByte.P50:0} | {probe.Event.P50:0} | {probe.Event.P99:0} | {probe.Event.P50 - direct.Event.P50:0} |"));
    probe.Dispose();
}

return 0;

int Number(int index) => int.Parse(args[index], NumberStyles.None, CultureInfo.InvariantCulture);

async Task RunAsync(int rounds)
{
    for (var i = 0; i < rounds; i++)
    {
        foreach (var probe in probes)
        {
            await probe.RunAsync(stop.Token);
        }
    }
}

static StreamProbe Parse(string way) => way.Split('=') switch
{
    [var name, var address] => new(name, new Uri(address), null),
    [var name, var address, var variable] => new(name, new Uri(address), Environment.GetEnvironmentVariable(variable)),
    _ => throw new ArgumentException($"'{way}' is not NAME=ADDRESS[=KEY_VARIABLE].", nameof(way)),
};
