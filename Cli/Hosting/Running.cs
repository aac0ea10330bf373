using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Sluice.Edge.Pipeline;
using Sluice.Silo;
using Sluice.Silo.FirstStart;

namespace Sluice.Cli.Hosting;

/// <summary>Starts, waits for and stops hosts.</summary>
internal static class Running
{
    /// <summary>A host may take this long to end what it does in the background.</summary>
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(30);

    /// <summary>A silo may take this long to leave the cluster, and this long to end at all: less than what orchestrators wait before they kill it.</summary>
    private static readonly TimeSpan LeaveBound = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(25);

    /// <summary>Starts a silo and makes a new cluster usable.</summary>
    /// <exception cref="SiloStartException">It cannot start; nothing is left running.</exception>
    public static async Task<StartResult> StartSiloAsync(WebApplication silo, CancellationToken cancellation)
    {
        await StartAsync(silo, "the silo", cancellation);
        using var http = ProviderSearch.CreateClient();
        var start = new NewCluster(silo.Services.GetRequiredService<IGrainFactory>(), new ProviderSearch(http, Environment.GetEnvironmentVariable));
        return await start.EnsureAsync(silo.Services.GetRequiredService<TimeProvider>(), cancellation);
    }

    /// <summary>Starts a host.</summary>
    /// <exception cref="SiloStartException">It cannot start: in one line.</exception>
    public static async Task StartAsync(IHost host, string what, CancellationToken cancellation)
    {
        try
        {
            await host.StartAsync(cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new SiloStartException($"{what} cannot start: {e.GetBaseException().Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>Drains an edge and stops it.</summary>
    public static async Task StopEdgeAsync(WebApplication edge)
    {
        if (HasStarted(edge))
        {
            await edge.Services.GetRequiredService<EdgeDrain>().RunAsync();
            await StopAsync(edge);
        }
    }

    /// <summary>Stops a host: what is in flight may end, within a bound.</summary>
    public static async Task StopAsync(IHost host)
    {
        // A silo that did not start cannot be stopped, only let go of, and says so with an exception that would hide why it did not start.
        if (!HasStarted(host))
        {
            return;
        }

        using var bound = new CancellationTokenSource(StopBound);
        await host.StopAsync(bound.Token);
    }

    /// <summary>Stops a silo and lets go of it. One whose storage does not answer cannot say that it leaves: it goes all the same, and the others notice.</summary>
    public static async Task EndAsync(WebApplication silo, TextWriter error)
    {
        try
        {
            await LeaveAsync(silo).WaitAsync(EndBound, TimeProvider.System);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"sluice: the silo could not leave the cluster within {EndBound.TotalSeconds} s, as when its storage does not answer: it ends without, and the others notice by themselves"));
        }
    }

    private static async Task LeaveAsync(WebApplication silo)
    {
        if (HasStarted(silo))
        {
            using var bound = new CancellationTokenSource(LeaveBound);
            await silo.StopAsync(bound.Token);
        }

        await silo.DisposeAsync();
    }

    /// <summary>Where people reach a host that listens: its first address, with a name for "all of the machine".</summary>
    public static Uri Address(WebApplication host)
    {
        var address = host.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        return new Uri(address.Replace("//0.0.0.0:", "//127.0.0.1:", StringComparison.Ordinal).Replace("//[::]:", "//127.0.0.1:", StringComparison.Ordinal));
    }

    private static bool HasStarted(IHost host) => host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.IsCancellationRequested;

    /// <summary>Ends when the process is asked to end.</summary>
    public static async Task WaitAsync(CancellationToken cancellation)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellation.Register(() => asked.TrySetResult());
        await asked.Task;
    }
}
