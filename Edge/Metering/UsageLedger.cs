using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering;

/// <summary>
/// What was used on this edge and is not yet with the usage grains: summed by tenant and day, sent each second in numbered batches. A batch keeps its number
/// and content until it is answered, so it counts once however often it is sent. What comes meanwhile is summed in the next one.
/// </summary>
public sealed class UsageLedger(IClusterClient cluster, EdgeStart start, TimeProvider time, ILogger<UsageLedger> log)
{
    /// <summary>The tenant under which requests without a key are counted; no tenant can have this name.</summary>
    public const string PublicTenant = "_public";

    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<(string Tenant, int Day), DayUsage> _days = new();

    /// <summary>Whether all that was counted has been answered.</summary>
    public bool IsEmpty => _days.Values.All(day => day.IsEmpty);

    /// <summary>Counts one request; <paramref name="caller"/> null: without a key.</summary>
    public void Count(KeyIdentity? caller, string name, in Settlement settlement, long costNano)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var key = new UsageKey(now.Hour, caller?.KeyId ?? "", name, settlement.Target, settlement.Status, settlement.Source);
        var row = new UsageRow(
            key, 1, settlement.InputTokens, settlement.CachedTokens, settlement.OutputTokens, settlement.ReasoningTokens, costNano);
        var dayKey = (caller?.Tenant ?? PublicTenant, (now.Year * 10_000) + (now.Month * 100) + now.Day);
        while (!_days.GetOrAdd(dayKey, static _ => new DayUsage()).TryAdd(row))
        {
            // Let go of in this moment, after its day had ended: the next round makes another.
        }
    }

    /// <summary>Sends what there is, one batch a tenant and day, and waits for the answers. What is not answered is sent again by the next call. True where all were answered.</summary>
    public async Task<bool> FlushAsync(CancellationToken cancellation)
    {
        var answered = await Task.WhenAll(_days.Select(day => SendAsync(day.Key.Tenant, day.Key.Day, day.Value, cancellation)));
        var now = time.GetUtcNow().UtcDateTime.AddHours(-1);
        var today = (now.Year * 10_000) + (now.Month * 100) + now.Day;
        foreach (var (key, day) in _days)
        {
            if (key.Day < today && day.TryClose())
            {
                _days.TryRemove(key, out _);
            }
        }

        return answered.All(isAnswered => isAnswered);
    }

    private async Task<bool> SendAsync(string tenant, int day, DayUsage usage, CancellationToken cancellation)
    {
        if (usage.NextBatch(start.Id) is not { } batch)
        {
            return true;
        }

        try
        {
            var key = GrainKeys.Join(start.Workspace, tenant, day.ToString(CultureInfo.InvariantCulture));
            await cluster.GetGrain<IEdgeUsageGrain>(key).RecordAsync(batch).WaitAsync(CallBound, time, cancellation);
            usage.Answered(batch.Number);
            return true;
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            log.LogWarning("Usage of {Tenant} is kept and sent again: {Reason}", tenant, failure.Message);
            return false;
        }
    }
}
