using Sluice.Edge.Metering.Journal;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Tests.Unit.Edge.Metering.Journal;

public sealed class JournalReplayTests : IDisposable
{
    private readonly JournalFiles _files = new();

    [Fact]
    public void What_was_settled_is_told_as_it_was_and_what_was_not_with_all_that_it_reserved()
    {
        var journal = _files.Start("edge-1");
        Settle(journal, "a", 7);
        var open = Attempts.Reserved("b", 50);
        journal.Begin(open);
        _files.Kill();

        var replay = _files.Replay();

        var (start, record) = Assert.Single(replay.Settled());
        Assert.Equal("edge-1", start);
        Assert.Equal(Attempts.Bytes(Attempts.Record("a", 7)), Attempts.Bytes(record));
        Assert.Equal(Attempts.Bytes(open), Attempts.Bytes(Assert.Single(replay.Unsettled)));
        Assert.Equal(new FormerLease("daily", "tenant/acme", "edge-1", 100, 7, 50, IsCertain: true), Assert.Single(replay.Leases));
        Assert.Equal(0, replay.Broken);
    }

    [Fact]
    public void Of_an_attempt_that_came_to_hold_more_the_last_is_told_and_nothing_once_it_is_settled()
    {
        var journal = _files.Start("edge-1");
        var first = journal.Begin(Attempts.Reserved("a", 50));
        var grown = journal.Begin(Attempts.Reserved("a", 80), first);
        var settled = journal.Begin(Attempts.Reserved("b", 60), journal.Begin(Attempts.Reserved("b", 50)));
        journal.Settle(Attempts.Record("b", 55), settled);
        _files.Kill();

        Assert.NotEqual(first, grown);
        Assert.Equal(80, Assert.Single(_files.Replay().Unsettled).Charges[0].Amount);
        Assert.Equal(new FormerLease("daily", "tenant/acme", "edge-1", 100, 55, 80, IsCertain: true), Assert.Single(_files.Replay().Leases));
    }

    [Fact]
    public void A_slice_whose_entry_was_broken_off_had_not_been_used()
    {
        var journal = _files.Start("edge-1");
        journal.Begin(Attempts.Reserved("a", 80), journal.Begin(Attempts.Reserved("a", 50)));
        _files.Kill();
        var at = Places(EntryKind.Begun)[1];
        Change(bytes => bytes.AsSpan(at + 40, 16).Clear());

        Assert.Equal(50, Assert.Single(_files.Replay().Leases).Reserved);
    }

    [Fact]
    public void An_entry_that_was_broken_off_is_passed_over_and_all_others_are_told()
    {
        var journal = _files.Start("edge-1");
        Settle(journal, "a", 7);
        Settle(journal, "b", 8);
        Settle(journal, "c", 9);
        _files.Kill();
        var at = Places(EntryKind.Settled)[1];
        Change(bytes => bytes.AsSpan(at + 40, 16).Clear());

        var replay = _files.Replay();

        Assert.Equal(["a", "c"], replay.Settled().Select(each => each.Record.RequestId));
        Assert.Equal("b", Assert.Single(replay.Unsettled).RequestId);
        Assert.Equal(1, replay.Broken);

        // What b reserved counts in place of what it used.
        Assert.Equal((16, 50), Assert.Single(replay.Leases) is var lease ? (lease.Settled, lease.Reserved) : default);
    }

    [Fact]
    public void Any_bit_that_a_disk_turns_hurts_one_entry_at_most()
    {
        var journal = _files.Start("edge-1");
        for (var i = 0; i < 20; i++)
        {
            Settle(journal, $"r{i}", 1);
        }

        _files.Kill();
        var whole = File.ReadAllBytes(_files.Segments[0]);
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var damaged = whole.ToArray();
            damaged[random.Next(SegmentHead.Length, 10_000)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(_files.Segments[0], damaged);

            var replay = _files.Replay();

            Assert.InRange(replay.Settled().Count(), 19, 20);
            Assert.Equal(20, replay.Settled().Count() + replay.Unsettled.Count);
        }
    }

    [Fact]
    public void What_a_file_held_before_is_never_taken_for_an_entry()
    {
        var journal = _files.Start("edge-1");
        Settle(journal, "a", 7);
        _files.Kill();
        var before = File.ReadAllBytes(_files.Segments[0]);
        File.Delete(_files.Segments[0]);
        _files.Start("edge-2");
        _files.Kill();
        Change(bytes => before.AsSpan(SegmentHead.Length).CopyTo(bytes.AsSpan(SegmentHead.Length)));

        Assert.Empty(_files.Replay().Settled());
    }

    [Fact]
    public void A_file_whose_beginning_is_lost_is_told_and_what_its_start_says_is_not_certain()
    {
        var journal = _files.Start("edge1");
        for (var i = 0; i < 300; i++)
        {
            Settle(journal, $"r{i}", 1, "edge1");
        }

        _files.Kill();
        Assert.True(_files.Segments.Length > 1);
        var last = _files.Segments[^1];
        File.WriteAllBytes(last, new byte[100]);
        var told = new List<string>();

        var replay = _files.Replay((file, _) => told.Add(file));

        Assert.Equal([last], told);
        Assert.False(Assert.Single(replay.Leases).IsCertain);
    }

    [Fact]
    public void What_an_edge_of_another_cluster_has_left_is_not_told()
    {
        _files.Cluster = "other";
        Settle(_files.Start("edge-1"), "a", 7);
        _files.Kill();
        _files.Cluster = "sluice";
        var told = new List<string>();

        var replay = _files.Replay((file, _) => told.Add(file));

        Assert.Equal(_files.Segments, told);
        Assert.Empty(replay.Settled());
        Assert.Empty(replay.Leases);
    }

    [Fact]
    public void A_file_that_is_missing_makes_what_its_start_says_uncertain()
    {
        var journal = _files.Start("edge1");
        for (var i = 0; i < 400; i++)
        {
            Settle(journal, $"r{i}", 1, "edge1");
        }

        _files.Kill();
        Assert.True(_files.Segments.Length > 2);
        File.Delete(_files.Segments[1]);

        Assert.False(Assert.Single(_files.Replay().Leases).IsCertain);
    }

    [Fact]
    public void What_was_written_before_another_boot_of_the_machine_is_not_certain()
    {
        var journal = _files.Start("edge-1");
        Settle(journal, "a", 7);
        _files.Kill();
        Change(bytes => (SegmentHead.Read(bytes) with { Boot = "another" }).ToBytes().CopyTo(bytes.AsSpan()));

        // The head's number and seed are as before, so its entries are read.
        Assert.Equal((7, false), Assert.Single(_files.Replay().Leases) is var lease ? (lease.Settled, lease.IsCertain) : default);
    }

    [Fact]
    public void A_lease_that_has_ended_is_not_told()
    {
        var journal = _files.Start("edge-1");
        Settle(journal, "a", 7);
        Settle(journal, "b", 8, "edge-1.1");
        journal.LeaseEnded(new LeaseCharge("daily", "tenant/acme", "edge-1", 100, 7));
        _files.Kill();

        Assert.Equal("edge-1.1", Assert.Single(_files.Replay().Leases).Holder);
    }

    [Fact]
    public void What_was_charged_before_the_window_was_known_belongs_to_the_first_that_was()
    {
        var journal = _files.Start("edge-1");
        journal.Settle(Attempts.Record("a", 1, window: 0), null);
        journal.Settle(Attempts.Record("b", 2, window: 200), null);
        journal.Settle(Attempts.Record("c", 4, window: 100), null);
        journal.Settle(Attempts.Record("d", 8, holder: "edge-1.1", window: 0), null);
        _files.Kill();

        Assert.Equal([(100, 5), (200, 2)], _files.Replay().Leases.Select(lease => (lease.Window, lease.Settled)));
    }

    [Fact]
    public void An_attempt_that_a_later_start_has_settled_for_the_former_one_is_settled()
    {
        var first = _files.Start("edge-1");
        first.Begin(Attempts.Reserved("a", 50));
        _files.Kill();
        var second = _files.Start("edge-2");
        second.Settle(Attempts.Reserved("a", 50), null);
        _files.Kill();

        var replay = _files.Replay();

        Assert.Empty(replay.Unsettled);
        Assert.Equal((50, 0), Assert.Single(replay.Leases) is var lease ? (lease.Settled, lease.Reserved) : default);
    }

    public void Dispose() => _files.Dispose();

    private static void Settle(AttemptJournal journal, string request, long amount, string holder = "edge-1") =>
        Assert.True(journal.Settle(Attempts.Record(request, amount, holder), journal.Begin(Attempts.Reserved(request, 50, holder))));

    private int[] Places(EntryKind kind) => [.. FormerSegment.Read(_files.Segments[0]).Entries.Where(entry => entry.Kind == kind).Select(entry => entry.At)];

    private void Change(Action<byte[]> change)
    {
        var bytes = File.ReadAllBytes(_files.Segments[0]);
        change(bytes);
        File.WriteAllBytes(_files.Segments[0], bytes);
    }
}
