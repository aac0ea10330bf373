using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Edge;
using Sluice.Edge.Configuration;
using Sluice.Edge.Metering;
using Sluice.Edge.Metering.Journal;
using Sluice.Grains.Interfaces.Budgets;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Edge.Metering.Journal;

public sealed class JournalRecoveryTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(Attempts.Time);
    private readonly JournalFiles _files = new();
    private readonly Silos _silos = new();

    [Fact]
    public async Task A_next_start_tells_records_and_leases_of_the_lost_one_and_then_its_files_go()
    {
        LoseAnEdge();

        await RecoverAsync();

        Assert.Equal([("edge-1", "a"), ("edge-1", "b")], _silos.Batches.Where(batch => batch.Edge is "edge-1").SelectMany(batch => batch.Records.Select(record => (batch.Edge, record.RequestId))));
        Assert.Equal(("default|daily|tenant/acme", new LeaseReport("edge-1", 100, 7 + 8 + 50, Close: true)), Assert.Single(_silos.Reports));
        Assert.DoesNotContain(_files.Segments, file => Path.GetFileName(file).StartsWith("edge-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_it_did_not_settle_has_a_record_of_this_start_with_all_that_was_reserved()
    {
        LoseAnEdge();

        await RecoverAsync();

        var (batch, record) = Assert.Single(_silos.Batches.Where(batch => batch.Edge is not "edge-1").SelectMany(batch => batch.Records.Select(record => (batch, record))));
        Assert.NotEqual("edge-1", batch.Edge);
        Assert.Equal(("c", "edge-1", UsageSource.Reserved, 0), (record.RequestId, record.Edge, record.Source, record.Status));
        Assert.Equal(50, Assert.Single(record.Charges).Amount);
    }

    [Fact]
    public async Task Where_silos_do_not_answer_it_is_told_again_until_they_do_and_the_unsettled_once()
    {
        LoseAnEdge();
        _silos.Failures = 3;

        await RecoverAsync();

        Assert.Equal(0, _silos.Failures);
        Assert.Single(_silos.Batches.Where(batch => batch.Edge is not "edge-1").SelectMany(batch => batch.Records), record => record.RequestId is "c");
        Assert.Equal(65, _silos.Reports[^1].Report.Spent);
    }

    [Fact]
    public async Task A_lease_of_which_something_may_be_missing_is_told_and_stays_open()
    {
        using var journal = _files.Start("edge-1");
        journal.Settle(Attempts.Record("a", 7), null);
        _files.Kill();
        var bytes = await File.ReadAllBytesAsync(_files.Segments[0], TestContext.Current.CancellationToken);
        bytes[SegmentHead.GapAt] = 1;
        await File.WriteAllBytesAsync(_files.Segments[0], bytes, TestContext.Current.CancellationToken);

        await RecoverAsync();

        Assert.Equal(new LeaseReport("edge-1", 100, 7, Close: false), Assert.Single(_silos.Reports).Report);
    }

    public void Dispose() => _files.Dispose();

    private void LoseAnEdge()
    {
        var journal = _files.Start("edge-1");
        journal.Settle(Attempts.Record("a", 7) with { Sequence = 1 }, journal.Begin(Attempts.Reserved("a")));
        journal.Settle(Attempts.Record("b", 8) with { Sequence = 2 }, journal.Begin(Attempts.Reserved("b")));
        journal.Begin(Attempts.Reserved("c", 50));
        _files.Kill();
    }

    private async Task RecoverAsync()
    {
        var cluster = new ScriptedCluster((_, key) => _silos.At(key));
        var start = new EdgeStart(new EdgeOptions(), _time);
        using var open = new EdgeJournal(
            start, NullLogger<AttemptJournal>.Instance, NullLogger<EdgeJournal>.Instance, new JournalPlace(_files.Path, "sluice", "default", 64 * 1024, 1024 * 1024));
        var ledger = new UsageLedger(cluster, start, _time, NullLogger<UsageLedger>.Instance, open.Journal);
        using var recovery = new JournalRecovery(open, ledger, cluster, SiloConnection.Open, start, _time, NullLogger<JournalRecovery>.Instance);
        await recovery.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return recovery.ExecuteTask!.IsCompleted;
        });
        await recovery.ExecuteTask!;
        while (!ledger.IsEmpty)
        {
            await ledger.FlushAsync(TestContext.Current.CancellationToken);
        }
    }

    private sealed class Silos
    {
        private readonly Lock _gate = new();

        public int Failures { get; set; }

        public List<UsageBatch> Batches { get; } = [];

        public List<(string Key, LeaseReport Report)> Reports { get; } = [];

        public object At(string key) => new Grain(this, key);

        private Task Take(Action take)
        {
            lock (_gate)
            {
                if (Failures > 0)
                {
                    Failures--;
                    throw new TimeoutException("no silo");
                }

                take();
            }

            return Task.CompletedTask;
        }

        private sealed class Grain(Silos silos, string key) : IEdgeUsageGrain, IEdgeBudgetGrain
        {
            public Task RecordAsync(UsageBatch batch) => silos.Take(() => silos.Batches.Add(batch));

            public async Task<ReportAnswer> ReportAsync(LeaseReport report)
            {
                await silos.Take(() => silos.Reports.Add((key, report)));
                return new ReportAnswer(Listen: false, IsClosed: report.Close);
            }

            public Task<long> RecalledAsync(string edge, long answered) => throw new NotSupportedException();

            public Task<BorrowAnswer> BorrowAsync(BorrowRequest request) => throw new NotSupportedException();
        }
    }
}
