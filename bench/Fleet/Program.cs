using System.Globalization;
using Sluice.Bench.Fleet;

// Runs many edges in one process, each with a connection to the silo of its own, as bench/reload asks: GATEWAY-PORT and how many. Says "ready", and ends with its input.
var (gateway, count) = (int.Parse(args[0], CultureInfo.InvariantCulture), int.Parse(args[1], CultureInfo.InvariantCulture));
var edges = new List<HostedEdge>(count);
try
{
    for (var i = 0; i < count; i++)
    {
        edges.Add(await HostedEdge.StartAsync(gateway));
    }

    await Console.Out.WriteLineAsync("ready");
    await Console.In.ReadToEndAsync();
}
finally
{
    foreach (var edge in edges)
    {
        await edge.DisposeAsync();
    }
}
