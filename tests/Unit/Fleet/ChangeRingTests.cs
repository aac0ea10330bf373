using System.Collections.Immutable;
using CsCheck;
using Sluice.Grains.Fleet;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Fleet;

namespace Sluice.Tests.Unit.Fleet;

public sealed class ChangeRingTests
{
    private const int Kept = ChangeRing.SegmentLength * (ChangeRing.Segments - 1);

    [Fact]
    public void An_empty_ring_has_nothing_and_misses_nothing()
    {
        var page = Empty().Since(0, 10);

        Assert.Empty(page.Changes);
        Assert.Equal(0, page.Last);
        Assert.True(page.Complete);
    }

    [Fact]
    public void Numbers_follow_each_other_from_one_on()
    {
        var ring = Empty();
        Append(ring, 100);

        Assert.Equal(Enumerable.Range(1, 100).Select(n => (long)n), ring.Since(0, 1000).Changes.Select(c => c.Number));
        Assert.Equal(100, ring.Last);
    }

    [Fact]
    public void A_page_begins_after_the_asked_number_and_ends_at_the_limit()
    {
        var ring = Empty();
        Append(ring, 100);

        var page = ring.Since(40, 5);

        Assert.Equal([41L, 42, 43, 44, 45], page.Changes.Select(c => c.Number));
        Assert.Equal(100, page.Last);
        Assert.True(page.Complete);
    }

    [Fact]
    public void Who_asks_for_changes_that_were_let_go_is_told_that_some_are_missing()
    {
        var ring = Empty();
        Append(ring, 2000);
        var oldest = ring.Since(0, 1).Changes[0].Number;

        Assert.False(ring.Since(0, 10).Complete);
        Assert.False(ring.Since(oldest - 2, 10).Complete);
        Assert.True(ring.Since(oldest - 1, 10).Complete);
        Assert.True(ring.Since(2000, 10).Complete);
    }

    [Fact]
    public void Who_asks_after_a_number_that_was_never_given_is_told_that_the_history_is_another()
    {
        var ring = Empty();
        Append(ring, 3);

        Assert.False(ring.Since(4, 10).Complete);
    }

    [Fact]
    public void A_segment_that_was_not_stored_leaves_no_trace()
    {
        var ring = Empty();
        Append(ring, 5);
        ring.Extend([New()], DateTimeOffset.UnixEpoch);

        Assert.Equal(5, ring.Last);
        Assert.Equal(5, ring.Since(0, 10).Changes.Length);
    }

    [Fact]
    public void Any_appends_and_restarts_leave_the_last_changes_without_a_gap() =>
        Gen.Select(Gen.Int[1, ChangeRing.SegmentLength], Gen.Bool).List[1, 100].Sample(steps =>
        {
            var rows = new ImmutableArray<Change>[ChangeRing.Segments];
            Array.Fill(rows, []);
            var ring = new ChangeRing(rows);
            long total = 0;
            foreach (var (count, restart) in steps)
            {
                var taken = Math.Min(count, ring.Room);
                var (place, segment) = ring.Extend([.. Enumerable.Repeat(New(), taken)], DateTimeOffset.UnixEpoch);
                rows[place] = segment.Changes;
                ring.Stored(place, segment);
                total += taken;
                if (restart)
                {
                    ring = new ChangeRing(rows);
                }
            }

            var kept = ring.Since(0, int.MaxValue).Changes;
            Assert.Equal(total, ring.Last);
            Assert.Equal(total, kept[^1].Number);
            Assert.True(kept.Length >= Math.Min(total, Kept));
            Assert.All(kept.Zip(kept.Skip(1)), pair => Assert.Equal(pair.First.Number + 1, pair.Second.Number));
        });

    [Fact]
    public void What_is_before_a_gap_between_stored_segments_is_let_go()
    {
        var rows = Enumerable.Repeat(ImmutableArray<Change>.Empty, ChangeRing.Segments).ToArray();
        var ring = Empty();
        for (var last = 0; last < 200; last++)
        {
            var (place, segment) = ring.Extend([New()], DateTimeOffset.UnixEpoch);
            rows[place] = segment.Changes;
            ring.Stored(place, segment);
        }

        rows[2] = rows[2][..10];
        var restored = new ChangeRing(rows);

        Assert.Equal(200, restored.Last);
        Assert.Equal((3 * ChangeRing.SegmentLength) + 1, restored.Since(0, 1).Changes[0].Number);
        Assert.False(restored.Since(70, 10).Complete);
        Assert.Equal(200, restored.Since(100, 1000).Changes[^1].Number);
    }

    private static ChangeRing Empty() => new(Enumerable.Repeat(ImmutableArray<Change>.Empty, ChangeRing.Segments));

    private static NewChange New() => new(ChangeKind.TenantCreated, "acme", Author.System);

    private static void Append(ChangeRing ring, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var (place, segment) = ring.Extend([New()], DateTimeOffset.UnixEpoch);
            ring.Stored(place, segment);
        }
    }
}
