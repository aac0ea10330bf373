using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Bench.Admission;
using Sluice.Bench.Fleet;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metering;

// Measures admission on one edge, in this process, against grains on SQLite in a process of their own, as bench/admission asks: HOW-MANY keys are active at once, and before that so many subjects are made known.
if (args is ["silo", var data, var gatewayPort])
{
    await GrainsProcess.RunAsync(data, int.Parse(gatewayPort, CultureInfo.InvariantCulture));
    return;
}

var (keys, known) = (int.Parse(args[0], CultureInfo.InvariantCulture), int.Parse(args[1], CultureInfo.InvariantCulture));
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
    var revision = edge.Services.GetRequiredService<ActiveRevision>().Current!;
    var chain = new Chain(edge.Services.GetRequiredService<Meter>(), revision);
    if (known == 0)
    {
        Console.WriteLine(await chain.MeasureAsync());
        Console.WriteLine(await chain.SpreadAsync(keys));
    }
    else
    {
        Console.WriteLine(await Known.MakeAsync(edge.Services.GetRequiredService<IClusterClient>(), known, revision.Head.Revision));
        var before = Memory();
        Console.WriteLine(await chain.SpreadAsync(keys));
        var (with, database) = (Memory(), new FileInfo(Path.Combine(folder, "sluice.db")).Length);
        Console.WriteLine(await chain.MeasureAsync());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the silo: {before} MiB after all were known, {with} MiB with the active ones; its database: {database >> 20} MiB"));
    }
}
finally
{
    silo.StandardInput.Close();
    await silo.WaitForExitAsync();
    Directory.Delete(folder, recursive: true);
}

long Memory()
{
    using var process = Process.GetProcessById(silo.Id);
    return process.WorkingSet64 >> 20;
}

static int FreePort()
{
    using var listener = new TcpListener(IPAddress.Loopback, 0);
    listener.Start();
    return ((IPEndPoint)listener.LocalEndpoint).Port;
}
