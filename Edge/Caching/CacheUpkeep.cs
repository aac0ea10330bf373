using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;

namespace Sluice.Edge.Caching;

/// <summary>Lets go of what no declared cache keeps any more, and asks for stale answers anew while clients are given them: a bounded number at a time, each for a bounded time.</summary>
internal sealed class CacheUpkeep(AnswerStores stores, ActiveRevision active, TimeProvider time, ILogger<CacheUpkeep> log) : BackgroundService
{
    private const int MostRefreshes = 64;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _ended = new();
    private int _refreshes;

    /// <summary>Asks for an answer anew; where too many are asked for already, not now.</summary>
    /// <param name="refresh">Does so until it is told to end.</param>
    /// <param name="ended">Called once in any case.</param>
    public void Begin(Func<CancellationToken, Task> refresh, Action ended)
    {
        if (Interlocked.Increment(ref _refreshes) > MostRefreshes || _ended.IsCancellationRequested)
        {
            Interlocked.Decrement(ref _refreshes);
            ended();
            return;
        }

        _ = Task.Run(() => RunAsync(refresh, ended));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _ended.CancelAsync();
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _ended.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var advanced = active.Advanced;
            if (active.Current is { } revision)
            {
                stores.Trim(name => revision.Sides.Any(side => side.Plan.Caches.ContainsKey(name)));
            }

            await advanced.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunAsync(Func<CancellationToken, Task> refresh, Action ended)
    {
        try
        {
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
            using var late = new CancellationTokenSource(Longest, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, late.Token);
            await refresh(both.Token);
        }
        catch (Exception failure)
        {
            // The next request that is given the stale answer asks for it again.
            log.LogDebug("A kept answer could not be asked for anew: {Reason}", failure.Message);
        }
        finally
        {
            Interlocked.Decrement(ref _refreshes);
            ended();
        }
    }
}
