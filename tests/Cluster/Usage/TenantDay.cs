using System.Collections.Immutable;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Grains.Usage;

namespace Sluice.Tests.Cluster.Usage;

/// <summary>One tenant's day as an edge and the admin API see it.</summary>
internal sealed class TenantDay(ClusterFixture cluster, string workspace, int day = TenantDay.Number, string tenant = "acme")
{
    public const int Number = 20260131;

    public IUsageGrain Grain => cluster.Client.GetGrain<IUsageGrain>(GrainKeys.Join(workspace, tenant, $"{day}"));

    public static AttemptRecord Record(long sequence, string edge = "edge-1", int hour = 9) => new(
        $"{edge}-{sequence}", 1, "acme", "k1", "", ["team=a"], "gpt", "p/m", "", new TokenCounts { Input = sequence }, 0, "", UsageSource.Reported, 200,
        At(hour, sequence), null, At(hour, sequence), edge, 1, [new LeaseCharge("daily", "tenant/acme", edge, 1, sequence)]) { Sequence = sequence };

    public static UsageRow Row(int hour, string key, string model, long tokens) =>
        new(new UsageKey(hour, key, model, "p/m", 200, UsageSource.Reported), new UsageFigures(1, new TokenCounts { Input = tokens }, 0));

    public Task RecordAsync(long number, params AttemptRecord[] records) => RecordAsync("edge-1", number, records);

    public Task RecordAsync(string edge, long number, params AttemptRecord[] records) => Grain.RecordAsync(new UsageBatch(edge, number, [], [.. records]));

    public Task SumAsync(string edge, long number, params UsageRow[] rows) => Grain.RecordAsync(new UsageBatch(edge, number, [.. rows], []));

    /// <summary>All records, wherever they are, by their ids.</summary>
    public async Task<string[]> RecordsAsync()
    {
        var every = new RecordFilter(DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        var records = await new DayRecords(cluster.Client, workspace, cluster.Archive).ReadAsync(tenant, day, every, int.MaxValue, TestContext.Current.CancellationToken);
        return [.. records.Select(record => record.RequestId).Order(StringComparer.Ordinal)];
    }

    private static DateTimeOffset At(int hour, long sequence) => new DateTimeOffset(2026, 1, 31, hour, 0, 0, TimeSpan.Zero).AddSeconds(sequence);
}
