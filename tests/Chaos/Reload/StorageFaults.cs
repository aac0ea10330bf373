using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Chaos.Reload;

/// <summary>Azurite behind proxies that refuse, lose answers, keep silent and go away: state and membership of the cluster rest there.</summary>
internal sealed class StorageFaults : IAsyncDisposable
{
    private const int SomeInHundred = 15;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(4);
    private static readonly int[] Passing = [408, 429, 500, 503];
    private static readonly int[] Lost = [409, 412];
    private readonly AzuriteProcess _account;
    private readonly FaultProxy[] _proxies;
    private readonly History _history;

    private StorageFaults(AzuriteProcess account, FaultProxy tables, FaultProxy blobs, History history) =>
        (_account, _proxies, _history) = (account, [tables, blobs], history);

    /// <summary>Environment variables of silos and edges that use it.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["SLUICE__STORAGE"] = $"azure:{AzuriteProcess.ConnectionString(_proxies[0].Address, _proxies[1].Address)}",
        ["SLUICE__CLUSTER"] = "azure",
    };

    public static async Task<StorageFaults> StartAsync(History history)
    {
        var account = await AzuriteProcess.StartAsync();
        return new StorageFaults(account, await FaultProxy.StartAsync(account.Tables), await FaultProxy.StartAsync(account.Blobs), history);
    }

    /// <summary>One fault after another until it is ended; then all is well.</summary>
    public async Task RunAsync(Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var span = Longest * random.NextDouble();
            Begin(random);
            await Task.Delay(span, TimeProvider.System);
            foreach (var proxy in _proxies)
            {
                (proxy.Faults, proxy.Refusals) = (static _ => Fault.None, static _ => null);
            }

            await Task.Delay(span / 2, TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }

        await _account.DisposeAsync();
    }

    private void Begin(Random random)
    {
        switch (random.Next(6))
        {
            case 0 or 1:
                Some(random, Passing, static _ => true);
                break;
            case 2:
                Some(random, Lost, static request => !HttpMethods.IsGet(request.Method));
                break;
            case 3:
                Some(random, Fault.CutAfter, "storage requests done, and their answers lost");
                break;
            case 4:
                Some(random, Fault.BusyAfter, "storage requests done, and answered 503");
                break;
            default:
                _history.Count("times that storage went away");
                var gone = random.Next(2) is 0 ? Fault.CutBefore : Fault.Silence;
                Array.ForEach(_proxies, proxy => proxy.Faults = _ => gone);
                break;
        }
    }

    private void Some(Random random, int[] statuses, Func<HttpRequest, bool> isMeant)
    {
        var (chosen, dice) = (statuses[random.Next(statuses.Length)], new Dice(random.Next()));
        Array.ForEach(_proxies, proxy => proxy.Refusals = request =>
        {
            if (!isMeant(request) || !dice.Falls(SomeInHundred))
            {
                return null;
            }

            _history.Count(string.Create(CultureInfo.InvariantCulture, $"storage requests answered {chosen}"));
            return chosen;
        });
    }

    private void Some(Random random, Fault fault, string what)
    {
        var dice = new Dice(random.Next());
        Array.ForEach(_proxies, proxy => proxy.Faults = _ =>
        {
            if (!dice.Falls(SomeInHundred))
            {
                return Fault.None;
            }

            _history.Count(what);
            return fault;
        });
    }

    // For requests that come at once.
    private sealed class Dice(int seed)
    {
        private readonly Lock _gate = new();
        private readonly Random _random = new(seed);

        public bool Falls(int inHundred)
        {
            lock (_gate)
            {
                return _random.Next(100) < inHundred;
            }
        }
    }
}
