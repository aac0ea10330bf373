using System.Collections.Immutable;
using Orleans.Runtime;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Grains.Usage;

/// <summary>What is stored of a tenant's day.</summary>
/// <param name="Rows">The sums.</param>
/// <param name="Counted">The number of the last batch counted, by edge.</param>
internal sealed record StoredUsage(ImmutableArray<UsageRow> Rows, ImmutableDictionary<string, long> Counted)
{
    public StoredUsage()
        : this([], ImmutableDictionary<string, long>.Empty)
    {
    }

    /// <summary>The sums with a batch; the same object where it was counted before.</summary>
    public StoredUsage With(UsageBatch batch)
    {
        if (batch.Number <= Counted.GetValueOrDefault(batch.Edge))
        {
            return this;
        }

        var sums = Rows.ToDictionary(r => r.Key);
        foreach (var row in batch.Rows)
        {
            var key = sums.Count < UsageGrain.MostRows || sums.ContainsKey(row.Key) ? row.Key : row.Key with { Hour = 0, KeyId = UsageGrain.Other, Model = UsageGrain.Other, Target = "" };
            sums[key] = sums.TryGetValue(key, out var sum) ? Add(sum, row) : row with { Key = key };
        }

        return new StoredUsage([.. sums.Values], Counted.SetItem(batch.Edge, batch.Number));
    }

    private static UsageRow Add(UsageRow a, UsageRow b) => new(
        a.Key,
        a.Requests + b.Requests,
        a.InputTokens + b.InputTokens,
        a.CachedTokens + b.CachedTokens,
        a.OutputTokens + b.OutputTokens,
        a.ReasoningTokens + b.ReasoningTokens,
        a.CostNano + b.CostNano);
}

/// <summary>What one tenant used on one day. Past <see cref="MostRows"/> different rows, further ones are summed under the key and model <see cref="Other"/>: totals stay exact.</summary>
[GrainType("usage")]
internal sealed class UsageGrain : Grain, IUsageGrain
{
    /// <summary>The most rows of one day.</summary>
    public const int MostRows = 50_000;

    /// <summary>Stands for keys and models past the bound.</summary>
    public const string Other = "…other";

    private readonly Durable<StoredUsage> _usage;

    public UsageGrain([PersistentState("usage")] IPersistentState<StoredUsage> usage) => _usage = new(this, usage);

    public async Task RecordAsync(UsageBatch batch)
    {
        var next = _usage.Value.With(batch);
        if (!ReferenceEquals(next, _usage.Value))
        {
            await _usage.WriteAsync(next);
        }
    }

    public Task<ImmutableArray<UsageRow>> GetRowsAsync() => Task.FromResult(_usage.Value.Rows);
}
