using System.CommandLine;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Edge;
using Sluice.Edge.Configuration;
using Sluice.Edge.Tls;
using Sluice.Revisions.Outbound;
using Sluice.Silo;

namespace Sluice.Cli.Hosting;

/// <summary><c>sluice up</c>: silo and edge in one process. The edge ends before the silo, so that requests in flight are settled.</summary>
internal static class UpCommand
{
    private static readonly TimeSpan ReadyBound = TimeSpan.FromSeconds(30);

    public static Command Define()
    {
        var json = new Option<bool>("--json") { Description = "Print one line of JSON when ready, and nothing else." };
        var command = new Command("up", "Run silo and edge in one process.") { json };
        var read = SettingFlag.Add(
            command,
            SettingFlag.Http,
            SettingFlag.Https,
            SettingFlag.Http2,
            SettingFlag.Http3,
            SettingFlag.Admin,
            SettingFlag.Data,
            SettingFlag.Listen,
            SettingFlag.ListenAdmin,
            SettingFlag.Ops,
            SettingFlag.ListenOps,
            SettingFlag.Storage,
            SettingFlag.SiloPort,
            SettingFlag.GatewayPort,
            SettingFlag.ListenSilo,
            SettingFlag.Advertise,
            SettingFlag.AdvertiseSiloPort,
            SettingFlag.AdvertiseGatewayPort,
            SettingFlag.ClusterName,
            SettingFlag.LogLevel);
        command.SetAction(async (parsed, cancellation) =>
        {
            var configuration = parsed.InvocationConfiguration;
            await RunAsync(read(parsed), parsed.GetValue(json), configuration.Output, configuration.Error, cancellation);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task RunAsync(HostSettings settings, bool json, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        EdgePorts.Check(settings.Edge);
        using var telemetry = Telemetry.Start(settings.Telemetry, "sluice");
        var silo = SiloHost.Create(settings.Silo, HostLog.At(settings.LogLevel), settings.Telemetry.Tracing);
        InsecureWarning.Write(error, settings.Silo);
        try
        {
            var start = await Running.StartSiloAsync(silo, cancellation);

            // Nobody balances in front of one process: unless asked to, it serves on for nobody.
            var options = settings.Edge with { DrainDelay = settings.Edge.DrainDelay ?? TimeSpan.Zero };
            await using var edge = EdgeHost.Create(
                options, silo.Services.GetRequiredService<IClusterClient>(), HostLog.At(settings.LogLevel), journal: JournalFolders.Of(settings), own: silo.Services.GetRequiredService<OwnPorts>(), traces: settings.Telemetry.Tracing);
            try
            {
                await Running.StartAsync(edge, "the edge", cancellation);
                await edge.Services.GetRequiredService<ActiveRevision>().Ready.WaitAsync(ReadyBound, cancellation);
                if (json)
                {
                    StartReport.WriteJson(output, Running.Address(edge), Running.Address(silo), start);
                }
                else
                {
                    StartReport.Write(output, Running.Address(edge), Running.Address(silo), start);
                }

                await Running.WaitAsync(cancellation);
            }
            finally
            {
                await Running.StopEdgeAsync(edge);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Asked to end while it started: a good end as well.
        }
        finally
        {
            await Running.EndAsync(silo, error);
        }
    }
}

/// <summary>What the edge listens on, looked at before anything is started.</summary>
internal static class EdgePorts
{
    public static void Check(EdgeOptions edge)
    {
        if (edge.Validate() is { Count: > 0 } errors)
        {
            throw new UsageException($"settings: {string.Join("; ", errors)}");
        }

        if (edge.Http3 && QuicRuntime.Missing is { } missing)
        {
            throw new SiloStartException($"Edge:Http3 (--http3) is true, but {missing}: {QuicRuntime.Remedy}");
        }

        Ports.Check(
            new WantedPort(IPAddress.Parse(edge.Listen), edge.Http, "clients", "--http"),
            new WantedPort(IPAddress.Parse(edge.Listen), edge.HttpsPort, "clients over TLS", "--https"),
            new WantedPort(IPAddress.Parse(edge.Listen), edge.Http3 ? edge.HttpsPort : 0, "clients over HTTP/3", "--https", IsUdp: true),
            new WantedPort(IPAddress.Parse(edge.Listen), edge.Http2, "clients over HTTP/2", "--http2"),
            new WantedPort(IPAddress.Parse(edge.ListenOps), edge.Ops, "health", "--ops"));
    }
}
