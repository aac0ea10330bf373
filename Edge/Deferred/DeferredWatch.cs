using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sluice.Edge.Deferred;

/// <summary>
/// Sees to it that works of all tenants are charged when they have ended, whether or not a client asks for them: silos say which are to be looked at, and any edge looks. An edge that is lost takes
/// nothing along.
/// </summary>
internal sealed class DeferredWatch(DeferredWorks works, BatchLook look, EdgeOptions options, TimeProvider time, ILogger<DeferredWatch> log) : BackgroundService
{
    private const int MostAsked = 256;
    private const int AtOnce = 4;
    private readonly Channel<(string Tenant, string Provider, string Place)> _asked =
        Channel.CreateBounded<(string, string, string)>(new BoundedChannelOptions(MostAsked) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Has one looked at soon: a client was told that it has ended.</summary>
    public void Ask(string tenant, string provider, string place) => _asked.Writer.TryWrite((tenant, provider, place));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var round = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            await WaitAsync(options.DeferredLook - time.GetElapsedTime(round), stoppingToken);
            try
            {
                while (_asked.Reader.TryRead(out var asked))
                {
                    if (await works.OpenAsync(asked.Tenant, asked.Provider, asked.Place) is { } work)
                    {
                        await look.LookAsync(asked.Tenant, work, stoppingToken);
                    }
                }

                if (time.GetElapsedTime(round) >= options.DeferredLook)
                {
                    await Parallel.ForEachAsync(await works.TenantsAsync(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken }, LookAtAllAsync);
                    round = time.GetTimestamp();
                }
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogError(failure, "Works could not be looked after, and are again soon");
                round = time.GetTimestamp();
            }
        }
    }

    private async ValueTask LookAtAllAsync(string tenant, CancellationToken stopping)
    {
        foreach (var work in await works.DueAsync(tenant))
        {
            await look.LookAsync(tenant, work, stopping);
        }
    }

    private async Task WaitAsync(TimeSpan most, CancellationToken stopping)
    {
        using var round = new CancellationTokenSource(most > TimeSpan.Zero ? most : TimeSpan.Zero, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(round.Token, stopping);
        await ((Task)_asked.Reader.WaitToReadAsync(either.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
