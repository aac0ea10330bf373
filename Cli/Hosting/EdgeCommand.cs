using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Sluice.Edge;
using Sluice.Edge.Configuration;
using Sluice.Edge.KnownGood;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Sealing;
using Sluice.Silo;
using Sluice.Silo.Clustering;
using Sluice.Silo.Clustering.Tls;

namespace Sluice.Cli.Hosting;

/// <summary><c>sluice edge</c>: the data plane alone, a client of silos.</summary>
internal static class EdgeCommand
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    public static Command Define()
    {
        var json = new Option<bool>("--json") { Description = "Print one line of JSON when ready, and nothing else." };
        var command = new Command("edge", "Run an edge: the data plane.") { json };
        var read = SettingFlag.Add(
            command, SettingFlag.Http, SettingFlag.Https, SettingFlag.Http2, SettingFlag.Http3, SettingFlag.Listen, SettingFlag.Ops, SettingFlag.ListenOps, SettingFlag.KnownGood, SettingFlag.Data, SettingFlag.Storage, SettingFlag.GatewayPort, SettingFlag.Gateways, SettingFlag.ClusterName, SettingFlag.LogLevel);
        command.SetAction(async (parsed, cancellation) =>
        {
            await RunAsync(read(parsed), parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellation);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task RunAsync(HostSettings settings, bool json, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        EdgePorts.Check(settings.Edge);
        InsecureWarning.Write(error, settings.Silo);
        using var telemetry = Telemetry.Start(settings.Telemetry, "sluice-edge");
        using var client = CreateClient(settings, error, cancellation);
        try
        {
            // It listens before a silo answers: it can be asked whether it is ready, and serves what it kept.
            var connecting = Running.StartAsync(client, "the connection to the silo", cancellation);
            await using var edge = EdgeHost.Create(
                settings.Edge,
                client.Services.GetRequiredService<IClusterClient>(),
                HostLog.At(settings.LogLevel),
                new SiloConnection(connecting),
                KnownGoodOf(settings, error),
                JournalFolders.Of(settings),
                ClusterPlaces.Of(settings.Silo),
                settings.Telemetry.Tracing);
            try
            {
                await Running.StartAsync(edge, "the edge", cancellation);
                var ready = edge.Services.GetRequiredService<ActiveRevision>().Ready;
                if (await Task.WhenAny(connecting, ready) == connecting)
                {
                    await connecting;
                }

                await ready.WaitAsync(cancellation);
                if (json)
                {
                    StartReport.WriteJson(output, Running.Address(edge), null, null);
                }
                else
                {
                    StartReport.Write(output, Running.Address(edge), null, null);
                }

                var asked = Running.WaitAsync(cancellation);
                if (await Task.WhenAny(asked, connecting) == connecting)
                {
                    await connecting;
                }

                await asked;
            }
            finally
            {
                await Running.StopEdgeAsync(edge);
                await connecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Asked to end while it waited for a silo: a good end as well.
        }
        finally
        {
            await Running.StopAsync(client);
        }
    }

    private static KnownGoodPlace? KnownGoodOf(HostSettings settings, TextWriter error)
    {
        var (edge, data) = (settings.Edge, settings.Silo.Data);
        var folder = edge.KnownGood ?? (edge.Http == 0 ? null : Path.Combine(data, "edges", edge.Http.ToString(CultureInfo.InvariantCulture)));
        try
        {
            return folder is null ? null : new KnownGoodPlace(
                Path.GetFullPath(folder), KeyFile.Load(edge.KnownGoodKey, "SLUICE__EDGE__KNOWNGOODKEY", Path.Combine(data, "edge.key")), settings.Silo.ClusterName, edge.Workspace);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && edge.KnownGood is null)
        {
            error.WriteLine($"sluice: this edge keeps nothing on disk, and could not start without a silo: {e.Message}");
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new SiloStartException($"the key of what the edge keeps cannot be had: {e.Message}", e);
        }
    }

    private static IHost CreateClient(HostSettings settings, TextWriter error, CancellationToken cancellation)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "Sluice.Edge" });
        HostLog.At(settings.LogLevel)(builder.Logging);
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        var credentials = ClusterBoundary.Credentials(settings.Silo, ClusterRole.Edge);
        var where = ClusterMembership.Describe(settings.Silo, settings.GatewaysAreNamed);
        var pause = FirstPause;
        builder.UseOrleansClient(client => client
            .UseCluster(settings.Silo, credentials, settings.GatewaysAreNamed)
            .AddMemoryStreams(ChangeStream.Provider)
            .UseConnectionRetryFilter(async (_, _) =>
            {
                // An edge may start long before its silo: it waits until it is ended, ever less eagerly.
                await error.WriteLineAsync(FormattableString.Invariant(
                    $"sluice: no silo {where} answers; next try in {pause.TotalSeconds:0.##} s"));
                await Task.Delay(pause, TimeProvider.System, cancellation);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
                return true;
            }));
        if (settings.Telemetry.Tracing is not null)
        {
            builder.UseOrleansClient(client => client.AddActivityPropagation());
        }

        return builder.Build();
    }

    /// <summary>Signals are heard in one place, by the process.</summary>
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
