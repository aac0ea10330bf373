using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metering.Journal;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Metering;

/// <summary>
/// What was used on this edge and is not yet with the usage grains: a record each attempt, and sums of what has none, by tenant and day, sent each second in batches. It
/// promises: what was counted is sent until it is answered, and counts once however often it is sent. Memory is bounded; what finds no room in it waits in the journal. See
/// docs/usage.md.
/// </summary>
public sealed class UsageLedger(IClusterClient cluster, EdgeStart start, TimeProvider time, ILogger<UsageLedger> log, AttemptJournal? journal = null)
{
    /// <summary>Records of all tenants that wait in memory at most.</summary>
    public const int MostWaiting = 20_000;

    private const int MostBatches = 20;
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<(string Tenant, int Day), DayUsage> _days = new();
    private long _calls;
    private readonly WaitingRoom _room = new(MostWaiting);
    private readonly SpilledRecords _spilled = new(journal);
    private long _sequence;
    private long _lost;

    /// <summary>Whether all that was counted has been answered.</summary>
    public bool IsEmpty => _days.Values.All(day => day.IsEmpty);

    /// <summary>Records that wait in memory.</summary>
    public long Waiting => _room.Taken;

    /// <summary>Whether more records wait than one batch holds, so that they are better sent now than later.</summary>
    public bool IsCrowded => Waiting > DayUsage.MostRecords;

    /// <summary>Records of which only the figures could be kept, for there was room for them neither in memory nor in the journal.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>The edge's id of this start.</summary>
    internal string Edge => start.Id;

    /// <summary>Whether the beginnings of attempts are of use.</summary>
    internal bool HasJournal => journal is not null;

    /// <summary>Counts one request that has no record; <paramref name="caller"/> null: without a key.</summary>
    public void Count(KeyIdentity? caller, string name, in Settlement settlement, long costNano)
    {
        var now = time.GetUtcNow();
        var key = new UsageKey(now.UtcDateTime.Hour, caller?.KeyId ?? "", name, settlement.Target, settlement.Status, settlement.Source);
        var row = new UsageRow(key, new UsageFigures(1, settlement.Tokens, costNano, settlement.Saved));
        while (!DayOf(caller?.Tenant ?? IEdgeUsageGrain.PublicTenant, UsageRows.DayOf(now)).TryAdd(row))
        {
            // Let go of in this moment, after its day had ended: the next round makes another.
        }
    }

    /// <summary>When a timestamp was, and what the time is now.</summary>
    internal DateTimeOffset Arrived(long timestamp, out DateTimeOffset now)
    {
        now = Floor(time.GetUtcNow());
        return Floor(now - time.GetElapsedTime(timestamp));
    }

    /// <summary>An attempt begins, or holds more than before; should this process be killed, this is what is counted of it.</summary>
    internal BegunMark? Begin(AttemptRecord reserved, BegunMark? before = null) => journal?.Begin(reserved, before);

    /// <summary>An attempt has ended.</summary>
    internal void Settle(AttemptRecord record, BegunMark? begun)
    {
        bool isLost;
        while (!DayOf(record.Tenant, UsageRows.DayOf(record.Ended)).TryAdd(record, ref _sequence, journal, begun, out isLost))
        {
            // As above.
        }

        if (isLost && Interlocked.Increment(ref _lost) == 1)
        {
            log.LogError("There is no room for records of attempts any more, neither in memory nor in a journal: only their sums are kept, until silos answer again.");
        }
    }

    /// <summary>A lease's last report was answered.</summary>
    internal void LeaseEnded(in LeaseCharge lease) => journal?.LeaseEnded(lease);

    /// <summary>Whether a record of this start is with its grain.</summary>
    internal bool IsAnswered(SettledMark record) => !_days.TryGetValue((record.Tenant, record.Day), out var day) || day.IsAnswered(record.Sequence);

    /// <summary>Sends what there is, in batches of one tenant and day, and waits for the answers. What is not answered is sent again by the next call. True where all were answered.</summary>
    public async Task<bool> FlushAsync(CancellationToken cancellation)
    {
        _spilled.TakeBack(_days);
        var answered = await Task.WhenAll(_days.Select(day => SendAsync(day.Key.Tenant, day.Key.Day, day.Value, cancellation)));
        var today = UsageRows.DayOf(time.GetUtcNow().AddHours(-1));
        foreach (var (key, day) in _days)
        {
            if (key.Day < today && day.TryClose())
            {
                _days.TryRemove(key, out _);
            }
        }

        journal?.Upkeep(IsAnswered);
        return answered.All(isAnswered => isAnswered);
    }

    /// <summary>Batches that were sent, repeats among them.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Nothing is counted any more. What was not answered is in the journal, where there is one, and is told by the next start.</summary>
    public void End() => journal?.End(IsAnswered);

    // To the microsecond, as files of records keep it.
    private static DateTimeOffset Floor(DateTimeOffset moment) => moment.AddTicks(-(moment.Ticks % TimeSpan.TicksPerMicrosecond));

    private DayUsage DayOf(string tenant, int day) => _days.GetOrAdd((tenant, day), static (_, room) => new DayUsage(room), _room);

    private async Task<bool> SendAsync(string tenant, int day, DayUsage usage, CancellationToken cancellation)
    {
        for (var sent = 0; sent < MostBatches && usage.NextBatch(start.Id, ref _sequence) is { } batch; sent++)
        {
            try
            {
                var key = GrainKeys.Join(start.Workspace, tenant, day.ToString(CultureInfo.InvariantCulture));
                Interlocked.Increment(ref _calls);
                await cluster.GetGrain<IEdgeUsageGrain>(key).RecordAsync(batch).WaitAsync(CallBound, time, cancellation);
                usage.Answered(batch.Number);
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                log.LogWarning("Usage of {Tenant} is kept and sent again: {Reason}", tenant, failure.Message);
                return false;
            }
        }

        return true;
    }
}
