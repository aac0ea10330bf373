using System.Globalization;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Simulation.Accounting;

/// <summary>The records of one edge's attempts: the real queue of what was not answered, a journal, and calls over the simulated network.</summary>
internal sealed class SimulatedRecords
{
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SendEvery = TimeSpan.FromSeconds(0.7);
    private const int ReplayTries = 60;
    private readonly AccountingWorld _world;
    private readonly SimulatedNode _node;
    private readonly DayUsage _day = new(new WaitingRoom(UsageLedger.MostWaiting));

    // What the journal tells after a restart, where there is one.
    private readonly Dictionary<string, AttemptRecord> _begun = new(StringComparer.Ordinal);
    private readonly List<AttemptRecord> _settled = [];
    private long _sequence;
    private long _attempts;

    public SimulatedRecords(AccountingWorld world, SimulatedNode node)
    {
        (_world, _node) = (world, node);
        world.Simulator.Start(SendAlwaysAsync);
    }

    /// <summary>Whether all that the ledger does not have of it was lost with it.</summary>
    public bool IsLost => !_node.IsUp && !IsReplayed;

    private bool IsReplayed { get; set; }

    /// <summary>An attempt begins: the journal has it before the provider is asked.</summary>
    public AttemptRecord Begin(long worst)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"{_node.Name}-{++_attempts}");
        var record = new AttemptRecord(
            id, 1, "tenant", "", "", [], "model", "", "", new TokenCounts { Output = worst }, 0, "", UsageSource.Reserved, 0, _world.Time, null, _world.Time, _node.Name, 1, []);
        _begun.Add(record.Id, record);
        _world.History.Attempts.HeldBy(record.Id, this);
        return record;
    }

    /// <summary>It has ended.</summary>
    public void End(AttemptRecord begun, UsageSource source, long used)
    {
        _begun.Remove(begun.Id);
        Settle(begun with { Source = source, Status = 200, Tokens = new TokenCounts { Output = used } });
    }

    /// <summary>After a restart with the journal of before: records are sent as they were, attempts that were under way count as reserved.</summary>
    public async Task ReplayAsync(SimulatedRecords dead)
    {
        if (dead._settled is [.., var last])
        {
            var batch = new UsageBatch(dead._node.Name, last.Sequence, [], [.. dead._settled]);
            for (var tries = 0; !await SendAsync(batch); tries++)
            {
                if (tries == ReplayTries)
                {
                    return;
                }

                await _node.DelayAsync(SendEvery / 2);
            }
        }

        if (!_node.IsUp)
        {
            return;
        }

        dead.IsReplayed = true;
        foreach (var record in dead._begun.Values.Where(_ => _world.Variant is not AccountingVariant.JournalForgetsBegun))
        {
            _world.History.Attempts.HeldBy(record.Id, this);
            Settle(record);
        }
    }

    private void Settle(AttemptRecord record)
    {
        _day.TryAdd(record, ref _sequence, journal: null, begun: null, out _);
        _settled.Add(record with { Sequence = _sequence });
    }

    private async Task SendAlwaysAsync()
    {
        while (_node.IsUp)
        {
            await _node.DelayAsync(SendEvery);
            while (_day.NextBatch(_node.Name, ref _sequence) is { } batch)
            {
                if (!await SendAsync(batch) && _world.Variant is not AccountingVariant.UnansweredRecordsForgotten)
                {
                    break;
                }

                _day.Answered(batch.Number);
            }
        }
    }

    private async Task<bool> SendAsync(UsageBatch batch)
    {
        var grain = _world.Usage.Active;
        return await _world.Network.CallAsync(_node, grain.Node, () => grain.RecordAsync(batch), CallBound) is { Came: true, Value: not null };
    }
}
