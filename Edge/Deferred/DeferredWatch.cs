using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Deferred;

namespace Sluice.Edge.Deferred;

/// <summary>
/// Sees to it that works of all tenants are charged when they have ended, whether or not a client asks for them: silos say which are to be looked at, and any edge looks. An edge that is lost takes
/// nothing along.
/// </summary>
internal sealed class DeferredWatch(DeferredWorks works, BatchLook batches, ResponseLook responses, ActiveRevision active, Deadlines deadlines, EdgeOptions options, TimeProvider time, ILogger<DeferredWatch> log) : BackgroundService
{
    private const int MostAsked = 256;
    private const int AtOnce = 4;
    private static readonly TimeSpan Whole = TimeSpan.FromMinutes(15);
    private readonly Channel<(string Tenant, string Provider, string Place)> _asked =
        Channel.CreateBounded<(string, string, string)>(new BoundedChannelOptions(MostAsked) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Has one looked at soon: a client was told that it has ended.</summary>
    public void Ask(string tenant, string provider, string place) => _asked.Writer.TryWrite((tenant, provider, place));

    /// <summary>Looks at one now, where it has not ended as far as is known. Fails in nothing but its cancellation.</summary>
    public async Task LookAsync(string tenant, string provider, string place, CancellationToken cancellation)
    {
        if (await works.OpenAsync(tenant, provider, place) is { } work)
        {
            await LookAsync(tenant, work, cancellation);
        }
    }

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
                    await LookAsync(asked.Tenant, asked.Provider, asked.Place, stoppingToken);
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
            await LookAsync(tenant, work, stopping);
        }
    }

    private async Task LookAsync(string tenant, OpenWork work, CancellationToken cancellation)
    {
        if (active.Current is not { } revision || !revision.Plan.Providers.TryGetValue(work.Work.Provider, out var provider))
        {
            log.LogWarning("A work of {Tenant} stays held, for its provider {Provider} is not declared", tenant, work.Work.Provider);
            return;
        }

        try
        {
            using var deadline = deadlines.Rent(cancellation);
            deadline.NotAfter(deadlines.After(Whole));
            deadline.In(provider.Timeouts.FirstByte);
            await (work.Work.Kind is DeferredKind.Batch ? batches.LookAsync(tenant, work, revision, provider, deadline) : responses.LookAsync(tenant, work, revision, provider, deadline));
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            log.LogWarning("A work of {Tenant} could not be looked at, and is again later: {Reason}", tenant, e.Message);
        }
    }

    private async Task WaitAsync(TimeSpan most, CancellationToken stopping)
    {
        using var round = new CancellationTokenSource(most > TimeSpan.Zero ? most : TimeSpan.Zero, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(round.Token, stopping);
        await ((Task)_asked.Reader.WaitToReadAsync(either.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
