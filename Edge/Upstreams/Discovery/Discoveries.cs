using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Revisions.Outbound;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams.Discovery;

/// <summary>
/// Looks for the addresses of upstreams that declare discovery, as long as a revision in force does; one that leaves it as it is leaves what was found. What cannot be found out
/// is asked again after a while, and logged once until it can. See docs/upstreams.md.
/// </summary>
internal sealed class Discoveries(EdgeOptions options, ActiveRevision active, OwnPorts own, TimeProvider time, ILogger<Discoveries> log) : BackgroundService
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan FirstAgain = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestAgain = TimeSpan.FromSeconds(15);
    private readonly ConcurrentDictionary<(string Upstream, UpstreamDiscovery Discovery), Lazy<Search>> _searches = new();
    private readonly AddressGuard _guard = AddressGuard.ForUpstreams(options.PrivateUpstreams, options.OpenRanges, own);
    private EdgeRevision? _seen;
    private int _changes;

    /// <summary>Grows with each change of any addresses.</summary>
    public int Changes => Volatile.Read(ref _changes);

    /// <summary>The addresses of an upstream that declares discovery.</summary>
    public AddressFeed Of(UpstreamResource upstream) =>
        _searches.GetOrAdd((upstream.Name, upstream.Discovery!), static (key, self) => new Lazy<Search>(() => self.Begin(key.Upstream, key.Discovery)), this).Value.Feed;

    /// <summary>How many addresses are known of each upstream; where a canary has it looked for in two ways, the more.</summary>
    public IEnumerable<(string Upstream, int Addresses)> Counts => _searches.GroupBy(s => s.Key.Upstream, s => s.Value.Value.Feed.Current.All.Length, StringComparer.Ordinal).Select(g => (g.Key, g.Max()));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Step, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (active.Current is { } revision && !ReferenceEquals(revision, _seen))
                {
                    _seen = revision;
                    await TakeAsync(revision);
                }
            }
        }
        finally
        {
            await Task.WhenAll(_searches.Values.Select(search => search.Value.EndAsync()));
        }
    }

    private async Task TakeAsync(EdgeRevision revision)
    {
        var declared = revision.Sides.SelectMany(side => side.Plan.Upstreams.Values).Where(upstream => upstream.Discovery is not null).ToList();
        declared.ForEach(upstream => Of(upstream));
        var kept = declared.Select(upstream => (upstream.Name, upstream.Discovery!)).ToHashSet();
        foreach (var key in _searches.Keys.Where(key => !kept.Contains(key)))
        {
            if (_searches.TryRemove(key, out var left))
            {
                await left.Value.EndAsync();
            }
        }
    }

    private Search Begin(string upstream, UpstreamDiscovery discovery)
    {
        IAddressSource source = discovery switch
        {
            DnsDiscovery dns => new DnsSource(dns, _guard, time),
            FileDiscovery file => new FileSource(file, options.Discovery, time),
            KubernetesDiscovery kubernetes => new KubernetesSource(kubernetes, options.Kubeconfig, time),
            _ => throw new InvalidOperationException($"{discovery.GetType().Name} is not known."),
        };
        var feed = new AddressFeed(() => Interlocked.Increment(ref _changes));
        var end = new CancellationTokenSource();
        return new Search(feed, end, Task.Run(() => RunAsync(upstream, discovery, source, feed, end.Token), CancellationToken.None));
    }

    private async Task RunAsync(string upstream, UpstreamDiscovery discovery, IAddressSource source, AddressFeed feed, CancellationToken cancellation)
    {
        var again = new Backoff(FirstAgain, LongestAgain, time);
        string? told = null;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await source.RunAsync(
                    found =>
                    {
                        (var before, told) = (told, null);
                        again.Reset();
                        if (feed.Take(found) || before is not null)
                        {
                            log.LogInformation("Upstream {Upstream} has {Count} addresses by {Discovery}", upstream, feed.Current.All.Length, discovery);
                        }
                    },
                    cancellation);
            }
            catch (Exception) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                if (!string.Equals(told, failure.Message, StringComparison.Ordinal))
                {
                    told = failure.Message;
                    log.LogWarning("Upstream {Upstream} keeps its {Count} addresses: {Discovery} tells none: {Reason}", upstream, feed.Current.All.Length, discovery, told);
                }
            }

            try
            {
                await again.WaitAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private sealed record Search(AddressFeed Feed, CancellationTokenSource End, Task Running)
    {
        public async Task EndAsync()
        {
            await End.CancelAsync();
            await Running;
            End.Dispose();
        }
    }
}
