using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Identity.Tokens;

/// <summary>The keys of the issuers that the active revision names, asked for before a request needs them.</summary>
internal sealed class Issuers(ActiveRevision active, IssuerFetch fetch, TimeProvider time, ILogger<Issuers> log) : BackgroundService
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<IssuerResource, IssuerKeys> _keys = new(ReferenceEqualityComparer.Instance);

    /// <summary>The keys of an issuer.</summary>
    public IssuerKeys Of(IssuerResource issuer) => _keys.GetOrAdd(issuer, static (i, self) => new IssuerKeys(i, self.Fetching, self.Time, self.Log), this);

    private IssuerFetch Fetching => fetch;

    private TimeProvider Time => time;

    private ILogger Log => log;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var advanced = active.Advanced;
            var declared = active.Current?.Sides.SelectMany(side => side.Plan.Issuers.Values).ToHashSet<IssuerResource>(ReferenceEqualityComparer.Instance) ?? [];
            foreach (var issuer in declared.Where(issuer => Of(issuer).IsDue))
            {
                _ = Of(issuer).AskAsync(stoppingToken);
            }

            // A request under a former revision makes them anew should it need them.
            foreach (var gone in _keys.Keys.Where(known => !declared.Contains(known)))
            {
                _keys.TryRemove(gone, out _);
            }

            await advanced.WaitAsync(LookAgain, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
