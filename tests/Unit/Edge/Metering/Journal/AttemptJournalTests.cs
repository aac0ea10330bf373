using Sluice.Edge.Metering.Journal;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Edge.Metering.Journal;

public sealed class AttemptJournalTests : IDisposable
{
    private readonly JournalFiles _files = new();
    private long _sequence;

    [Fact]
    public void Segments_go_once_all_in_them_is_answered_and_the_totals_of_leases_stay()
    {
        var journal = _files.Start("edge-1");
        for (var i = 0; i < 500; i++)
        {
            Settle(journal, $"r{i}", 3);
        }

        var before = _files.Segments.Length;
        journal.Upkeep(_ => true);
        Settle(journal, "last", 4);
        _files.Kill();

        Assert.True(before > 3);
        Assert.True(_files.Segments.Length <= 2);
        var replay = _files.Replay();
        Assert.Equal(new FormerLease("daily", "tenant/acme", "edge-1", 100, 1504, 0, IsCertain: true), Assert.Single(replay.Leases));
    }

    [Fact]
    public void What_a_kept_answer_saved_is_told_by_the_next_start_with_and_without_units()
    {
        var journal = _files.Start("edge-1");
        var saved = Attempts.Record("a", 1) with { Units = null, Saved = new SavedUse(1, 1500, 77), Sequence = 1 };
        journal.Settle(saved, null);
        journal.Settle(saved with { RequestId = "b", Units = new UnitCounts(1, "", "", 0, 0), Sequence = 2 }, null);
        _files.Kill();

        var told = _files.Replay().Settled().Select(each => each.Record).ToList();
        Assert.Equal([saved.Saved, saved.Saved], told.Select(record => record.Saved));
        Assert.Equal([null, new UnitCounts(1, "", "", 0, 0)], told.Select(record => record.Units));
    }

    [Fact]
    public void A_segment_is_used_again_once_nothing_in_it_is_wanted_and_tells_nothing_of_before()
    {
        var journal = _files.Start("edge-1");
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < 100; i++)
            {
                Settle(journal, $"r{round}.{i}", 1);
            }

            journal.Upkeep(_ => true);
        }

        var files = _files.Segments.Length;
        Settle(journal, "last", 4);
        _files.Kill();

        var replay = _files.Replay();
        Assert.InRange(files, 1, 3);
        Assert.Equal(0, replay.Broken);
        Assert.Empty(replay.Unsettled);
        Assert.Equal(new FormerLease("daily", "tenant/acme", "edge-1", 100, 2004, 0, IsCertain: true), Assert.Single(replay.Leases));
        Assert.InRange(replay.Settled().Count(), 1, 200);
    }

    [Fact]
    public void A_segment_with_a_record_that_was_not_answered_stays_and_so_do_all_after_it()
    {
        var journal = _files.Start("edge-1");
        for (var i = 0; i < 300; i++)
        {
            Settle(journal, $"r{i}", 1);
        }

        journal.Upkeep(mark => mark is { Tenant: "acme", Sequence: not 151 });
        _files.Kill();

        var told = _files.Replay().Settled().Select(each => each.Record.RequestId).ToList();
        Assert.Contains("r150", told);
        Assert.Contains("r299", told);
        Assert.DoesNotContain("r0", told);
        Assert.Equal(300, Assert.Single(_files.Replay().Leases).Settled);
    }

    [Fact]
    public void A_segment_in_which_an_attempt_began_that_is_under_way_stays()
    {
        var journal = _files.Start("edge-1");
        var open = journal.Begin(Attempts.Reserved("open"));
        for (var i = 0; i < 300; i++)
        {
            Settle(journal, $"r{i}", 1);
        }

        journal.Upkeep(_ => true);
        var kept = _files.Segments.Length;
        journal.Settle(Attempts.Record("open", 1), open);
        journal.Upkeep(_ => true);

        Assert.True(_files.Segments.Length < kept);
        _files.Kill();
        Assert.Empty(_files.Replay().Unsettled);
        Assert.Equal(301, Assert.Single(_files.Replay().Leases).Settled);
    }

    [Fact]
    public void Segments_with_what_an_attempt_held_before_stay_until_it_is_settled()
    {
        var journal = _files.Start("edge-1");
        var open = journal.Begin(Attempts.Reserved("open"));
        for (var i = 0; i < 300; i++)
        {
            Settle(journal, $"r{i}", 1);
            open = i % 100 == 0 ? journal.Begin(Attempts.Reserved("open", 50 + i), open) : open;
        }

        journal.Upkeep(_ => true);
        _files.Kill();
        Assert.Equal(250, Assert.Single(_files.Replay().Leases).Reserved);
        var kept = _files.Segments.Length;
        journal.Settle(Attempts.Record("open", 1), open);
        journal.Upkeep(_ => true);

        Assert.True(_files.Segments.Length < kept);
        Assert.Empty(_files.Replay().Unsettled);
    }

    [Fact]
    public void The_totals_of_many_leases_are_carried_in_parts_and_those_that_have_ended_are_not()
    {
        var journal = _files.Start("edge-1");
        for (var i = 0; i < 450; i++)
        {
            Settle(journal, $"r{i}", 1, $"edge-1.{i}");
        }

        for (var i = 0; i < 50; i++)
        {
            journal.LeaseEnded(new LeaseCharge("daily", "tenant/acme", $"edge-1.{i}", 100, 1));
        }

        for (var i = 0; i < 200; i++)
        {
            Settle(journal, $"s{i}", 1, "edge-1");
        }

        journal.Upkeep(_ => true);
        _files.Kill();

        var leases = _files.Replay().Leases;
        Assert.Equal(401, leases.Length);
        Assert.All(leases, lease => Assert.Equal(lease.Holder is "edge-1" ? 200 : 1, lease.Settled));
    }

    [Fact]
    public void A_good_end_with_all_answered_leaves_nothing()
    {
        var journal = _files.Start("edge-1");
        Settle(journal, "a", 1);

        journal.End(_ => true);
        journal.Dispose();

        Assert.Empty(_files.Segments);
    }

    [Fact]
    public void An_end_with_something_unanswered_leaves_it()
    {
        var journal = _files.Start("edge-1");
        Settle(journal, "a", 1);

        journal.End(_ => false);
        journal.Dispose();

        Assert.Equal("a", Assert.Single(_files.Replay().Settled()).Record.RequestId);
        Assert.True(Assert.Single(_files.Replay().Leases).IsCertain);
    }

    [Fact]
    public void Past_its_bound_it_takes_nothing_says_so_and_its_leases_are_not_certain()
    {
        using var files = new JournalFiles(mostBytes: 128 * 1024);
        var journal = files.Start("edge-1");
        var kept = 0;
        while (journal.Begin(Attempts.Reserved($"r{kept}")) is { } begun && journal.Settle(Attempts.Record($"r{kept}", 1), begun))
        {
            kept++;
        }

        Assert.Equal(2, files.Segments.Length);
        Assert.True(journal.Lost > 0);

        journal.Upkeep(_ => true);
        Settle(journal, "again", 1);
        files.Kill();

        var replay = files.Replay();
        Assert.Contains("again", replay.Settled().Select(each => each.Record.RequestId));
        Assert.False(Assert.Single(replay.Leases).IsCertain);
    }

    [Fact]
    public void An_attempt_whose_end_could_not_be_kept_is_not_told_as_under_way()
    {
        using var files = new JournalFiles(mostBytes: 64 * 1024);
        var journal = files.Start("edge-1");
        var begun = journal.Begin(Attempts.Reserved("a"));
        while (journal.Settle(Attempts.Record("filler", 1), null))
        {
            // Until it is full.
        }

        Assert.False(journal.Settle(Attempts.Record("a", 1), begun));
        files.Kill();

        Assert.Empty(files.Replay().Unsettled);
    }

    [Fact]
    public void A_disk_that_takes_no_more_stops_the_journal_and_nothing_else()
    {
        var journal = _files.Start("edge-1");
        Directory.Delete(_files.Path, recursive: true);
        for (var i = 0; i < 300; i++)
        {
            journal.Settle(Attempts.Record($"r{i}"), null);
        }

        Assert.True(journal.Lost > 0);
        Directory.CreateDirectory(_files.Path);
        journal.Upkeep(_ => false);
        Assert.True(journal.Settle(Attempts.Record("again"), null));
    }

    [Fact]
    public void Two_edges_do_not_share_a_folder()
    {
        _files.Start("edge-1");

        Assert.ThrowsAny<IOException>(() => _files.Start("edge-2"));
    }

    [Fact]
    public async Task Many_threads_write_at_one_time_and_every_entry_is_there()
    {
        const int threads = 8;
        const int each = 400;
        using var files = new JournalFiles(mostBytes: 64L * 1024 * 1024);
        var journal = files.Start("edge-1");
        using var stop = new CancellationTokenSource();
        var upkeep = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    journal.Upkeep(_ => false);
                }
            },
            TestContext.Current.CancellationToken);
        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < each; i++)
            {
                Settle(journal, $"t{thread}-{i}", 1);
            }
        })));
        await stop.CancelAsync();
        await upkeep;
        files.Kill();

        var replay = files.Replay();
        Assert.Equal(threads * each, replay.Settled().Select(all => all.Record.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.Empty(replay.Unsettled);
        Assert.Equal((threads * each, 0), (Assert.Single(replay.Leases).Settled, replay.Broken));
    }

    public void Dispose()
    {
        Directory.CreateDirectory(_files.Path);
        _files.Dispose();
    }

    private void Settle(AttemptJournal journal, string request, long amount, string holder = "edge-1") =>
        Assert.True(journal.Settle(Attempts.Record(request, amount, holder) with { Sequence = ++_sequence }, journal.Begin(Attempts.Reserved(request, 50, holder))));
}
