using System.Collections.Concurrent;
using System.Globalization;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos;

/// <summary>An operator who publishes revisions, makes keys and reads usage, at one silo after the other, and keeps what was acknowledged.</summary>
internal sealed class OperatorLoad : IAsyncDisposable
{
    private const int ChangesForEachKey = 10;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<long, string> _revisions = new();
    private readonly ConcurrentQueue<string> _keys = new();
    private readonly string _tenant;
    private readonly Task _running;
    private int _failed;

    private OperatorLoad(Cluster cluster, string tenant)
    {
        _tenant = tenant;
        _running = RunAsync(cluster);
    }

    /// <summary>Acknowledged revisions, and the address that each brought.</summary>
    public IReadOnlyDictionary<long, string> Revisions => _revisions;

    /// <summary>Acknowledged keys.</summary>
    public IReadOnlyCollection<string> Keys => _keys;

    /// <summary>Starts one, who makes keys for a tenant.</summary>
    public static OperatorLoad Start(Cluster cluster, string tenant) => new(cluster, tenant);

    /// <summary>Lets the last call end.</summary>
    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _end.Dispose();
    }

    public override string ToString() => FormattableString.Invariant($"revisions: {_revisions.Count}, keys: {_keys.Count}, calls that failed: {_failed}");

    private async Task RunAsync(Cluster cluster)
    {
        var silos = Enumerable.Range(0, cluster.Admins.Count).Select(cluster.Admin).ToArray();
        try
        {
            using var pace = new PeriodicTimer(Pace, TimeProvider.System);
            for (var change = 1; !_end.IsCancellationRequested; change++)
            {
                try
                {
                    await StepAsync(silos[change % silos.Length], change);
                }
                catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
                {
                    _failed++;
                }

                await pace.WaitForNextTickAsync(CancellationToken.None);
            }
        }
        finally
        {
            Array.ForEach(silos, s => s.Dispose());
        }
    }

    private async Task StepAsync(AdminApi admin, int change)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{1000 + change}");
        _revisions[await admin.ApplyAsync($"""
            kind: Upstream
            name: changing
            addresses: ["{address}"]
            """)] = address;
        if (change % ChangesForEachKey == 0)
        {
            _keys.Enqueue((await admin.CreateKeyAsync(_tenant)).Key);
            await admin.GetAsync($"tenants/{_tenant}/usage");
        }
    }
}
