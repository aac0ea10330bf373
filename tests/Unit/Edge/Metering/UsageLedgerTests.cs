using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Edge;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Tests.Unit.Edge.Metering.Journal;

namespace Sluice.Tests.Unit.Edge.Metering;

public sealed class UsageLedgerTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(Attempts.Time);
    private readonly JournalFiles _files = new(segmentBytes: 1024 * 1024, mostBytes: 256L * 1024 * 1024);
    private readonly DayGrain _grain = new();

    [Fact]
    public async Task Records_that_find_no_room_in_memory_wait_in_the_journal_and_come_once_and_in_order()
    {
        const int many = UsageLedger.MostWaiting + 7_000;
        using var journal = _files.Start("edge-1");
        var ledger = Ledger(journal);
        _grain.IsSilent = true;
        for (var i = 0; i < many; i++)
        {
            ledger.Settle(Attempts.Record($"r{i}", ended: _time.GetUtcNow()), ledger.Begin(Attempts.Reserved($"r{i}")));
        }

        Assert.False(await ledger.FlushAsync(TestContext.Current.CancellationToken));
        Assert.Equal(UsageLedger.MostWaiting, ledger.Waiting);
        _grain.IsSilent = false;
        for (var i = 0; i < 10 && !ledger.IsEmpty; i++)
        {
            await ledger.FlushAsync(TestContext.Current.CancellationToken);
        }

        Assert.True(ledger.IsEmpty);
        Assert.Equal(Enumerable.Range(0, many).Select(i => $"r{i}"), _grain.Records.Select(record => record.RequestId));
        Assert.Equal((0, 0), (ledger.Waiting, ledger.Lost));
        ledger.Settle(Attempts.Record("after", ended: _time.GetUtcNow()), null);
        await ledger.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal("after", _grain.Records[^1].RequestId);
        Assert.True(_files.Segments.Length <= 2);
    }

    [Fact]
    public async Task While_some_are_read_back_others_come_and_none_is_lost_or_doubled()
    {
        const int many = UsageLedger.MostWaiting + 5_000;
        const int more = 20_000;
        using var journal = _files.Start("edge-1");
        var ledger = Ledger(journal);
        _grain.IsSilent = true;
        for (var i = 0; i < many; i++)
        {
            ledger.Settle(Attempts.Record($"r{i}", ended: _time.GetUtcNow(), tenant: $"t{i % 3}"), null);
        }

        _grain.IsSilent = false;
        var writing = Task.Run(
            () => Parallel.For(0, more, i => ledger.Settle(Attempts.Record($"s{i}", ended: _time.GetUtcNow(), tenant: $"t{i % 3}"), null)), TestContext.Current.CancellationToken);
        do
        {
            await ledger.FlushAsync(TestContext.Current.CancellationToken);
        }
        while (!writing.IsCompleted || !ledger.IsEmpty);

        await writing;
        Assert.Equal(many + more, _grain.Records.Count);
        Assert.Equal(many + more, _grain.Records.Select(record => record.RequestId).Distinct(StringComparer.Ordinal).Count());
        Assert.All(_grain.Records.GroupBy(record => record.Tenant), tenant => Assert.Equal(tenant.Select(record => record.Sequence).Order(), tenant.Select(record => record.Sequence)));
    }

    [Fact]
    public async Task Without_a_journal_what_finds_no_room_is_counted_in_sums()
    {
        var ledger = Ledger(null);
        for (var i = 0; i < UsageLedger.MostWaiting + 10; i++)
        {
            ledger.Settle(Attempts.Record($"r{i}", ended: _time.GetUtcNow()), null);
        }

        while (!ledger.IsEmpty)
        {
            await ledger.FlushAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal((10, 10), (ledger.Lost, _grain.Rows.Sum(row => row.Used.Requests)));
        Assert.Equal(UsageLedger.MostWaiting, _grain.Records.Count);
    }

    public void Dispose() => _files.Dispose();

    private UsageLedger Ledger(Sluice.Edge.Metering.Journal.AttemptJournal? journal) =>
        new(new ScriptedCluster((_, _) => _grain), new EdgeStart(new EdgeOptions(), _time), _time, NullLogger<UsageLedger>.Instance, journal);

    private sealed class DayGrain : IEdgeUsageGrain
    {
        public bool IsSilent { get; set; }

        public List<AttemptRecord> Records { get; } = [];

        public List<UsageRow> Rows { get; } = [];

        public Task RecordAsync(UsageBatch batch)
        {
            lock (Records)
            {
                if (IsSilent)
                {
                    throw new TimeoutException("no silo");
                }

                Records.AddRange(batch.Records);
                Rows.AddRange(batch.Rows);
            }

            return Task.CompletedTask;
        }
    }
}
