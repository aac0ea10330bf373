using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Bench.Admission;
using Sluice.Bench.Fleet;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metering;

// Measures admission on one edge, in this process, against grains on SQLite in a process of their own, as bench/admission asks: HOW-MANY keys are active at once.
if (args is ["silo", var data, var gatewayPort])
{
    await GrainsProcess.RunAsync(data, int.Parse(gatewayPort, CultureInfo.InvariantCulture));
    return;
}

var keys = int.Parse(args[0], CultureInfo.InvariantCulture);
var folder = Directory.CreateTempSubdirectory("sluice-admission-").FullName;
var port = FreePort();
using var silo = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [Environment.GetCommandLineArgs()[0], "silo", folder, port.ToString(CultureInfo.InvariantCulture)])
{
    RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false,
})!;
try
{
    await silo.StandardOutput.ReadLineAsync();
    await using var edge = await HostedEdge.StartAsync(port);
    var chain = new Chain(edge.Services.GetRequiredService<Meter>(), edge.Services.GetRequiredService<ActiveRevision>().Current!);
    Console.WriteLine(await chain.MeasureAsync());
    Console.WriteLine(await chain.SpreadAsync(keys));
}
finally
{
    silo.StandardInput.Close();
    await silo.WaitForExitAsync();
    Directory.Delete(folder, recursive: true);
}

static int FreePort()
{
    using var listener = new TcpListener(IPAddress.Loopback, 0);
    listener.Start();
    return ((IPEndPoint)listener.LocalEndpoint).Port;
}
