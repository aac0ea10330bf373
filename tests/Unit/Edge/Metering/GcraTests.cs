using CsCheck;
using Sluice.Edge.Metering;
using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Metering;

public sealed class GcraTests
{
    private static readonly Rate TenASecond = new(TimeSpan.FromSeconds(1), 10, 5);

    [Fact]
    public void A_full_bucket_lets_its_burst_through_at_once_and_then_tells_the_wait()
    {
        var bucket = Whole(TenASecond);

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(Take.Taken, bucket.TryTake(1, TimeSpan.Zero, out _));
        }

        Assert.Equal(Take.TooSoon, bucket.TryTake(1, TimeSpan.Zero, out var wait));
        Assert.Equal(TimeSpan.FromMilliseconds(100), wait);
        Assert.Equal(Take.TooSoon, bucket.TryTake(1, wait - TimeSpan.FromTicks(1), out _));
        Assert.Equal(Take.Taken, bucket.TryTake(1, wait, out _));
    }

    [Fact]
    public void More_than_the_burst_is_never_let_through()
    {
        Assert.Equal(Take.TooMany, Whole(TenASecond).TryTake(6, TimeSpan.FromHours(1), out _));
    }

    [Fact]
    public void What_is_given_back_can_be_taken_again_but_never_fills_beyond_the_burst()
    {
        var bucket = Whole(TenASecond);
        bucket.TryTake(5, TimeSpan.Zero, out _);

        Assert.True(bucket.TryGiveBack(2));
        Assert.Equal(2, bucket.Credit(TimeSpan.Zero));
        Assert.True(bucket.TryGiveBack(100));
        Assert.Equal(5, bucket.Credit(TimeSpan.Zero));
        Assert.Equal(Take.Taken, bucket.TryTake(5, TimeSpan.Zero, out _));
        Assert.Equal(Take.TooSoon, bucket.TryTake(1, TimeSpan.Zero, out _));
    }

    [Fact]
    public void Usage_beyond_what_was_taken_makes_those_who_follow_wait()
    {
        var bucket = Whole(TenASecond);
        bucket.TryTake(5, TimeSpan.Zero, out _);

        bucket.TryGiveBack(-10);

        Assert.Equal(Take.TooSoon, bucket.TryTake(1, TimeSpan.FromSeconds(1), out var wait));
        Assert.Equal(TimeSpan.FromMilliseconds(100), wait);
    }

    [Fact]
    public void A_sealed_bucket_hands_its_credit_on_once_and_takes_no_more()
    {
        var bucket = Whole(TenASecond);
        bucket.TryTake(2, TimeSpan.Zero, out _);

        Assert.Equal(3, bucket.Seal(TimeSpan.Zero));
        Assert.Equal(0, bucket.Seal(TimeSpan.Zero));
        Assert.Equal(Take.Sealed, bucket.TryTake(1, TimeSpan.Zero, out _));
        Assert.False(bucket.TryGiveBack(1));
    }

    [Fact]
    public void A_share_without_a_whole_item_of_burst_lets_nothing_through()
    {
        var bucket = Gcra.Create(TenASecond, RateLease.Whole / 10, long.MaxValue, TimeSpan.Zero);

        Assert.Equal(Take.TooMany, bucket.TryTake(1, TimeSpan.FromDays(1), out _));
        Assert.Equal(0, bucket.Credit(TimeSpan.FromDays(1)));
    }

    [Fact]
    public void The_largest_and_smallest_rates_stay_within_the_range_of_numbers()
    {
        Rate[] rates =
        [
            new(TimeSpan.FromHours(1), 1, long.MaxValue / 1_000), new(TimeSpan.FromHours(1), 1, 1), new(TimeSpan.FromSeconds(1), long.MaxValue / 1_000, 1),
        ];
        foreach (var rate in rates)
        {
            var bucket = Gcra.Create(rate, RateLease.Whole, long.MaxValue, TimeSpan.Zero);

            Assert.Equal(Take.Taken, bucket.TryTake(1, TimeSpan.FromDays(900), out _));
            Assert.True(bucket.TryGiveBack(long.MinValue));
            Assert.True(bucket.TryGiveBack(long.MaxValue));
            Assert.True(bucket.Credit(TimeSpan.FromDays(900)) >= 0);
        }
    }

    [Fact]
    public void In_no_interval_is_more_admitted_than_the_rate_and_the_burst_over_all_shares_together()
    {
        var take = Gen.Select(Gen.Int[0, 1], Gen.Int[1, 3], Gen.Int[0, 300]);
        Gen.Select(Gen.Int[1, 50], Gen.Int[1, 20], Gen.Int[0, RateLease.Whole], take.Array[1, 80]).Sample((amount, burst, split, takes) =>
        {
            var rate = new Rate(TimeSpan.FromSeconds(1), amount, burst);

            // The first holds the whole; then the two share, the second beginning with nothing.
            var first = Whole(rate);
            Gcra? second = null;
            var now = TimeSpan.Zero;
            var admitted = new List<(TimeSpan At, int Count)>();
            for (var i = 0; i < takes.Length; i++)
            {
                var (which, count, pause) = takes[i];
                now += TimeSpan.FromMilliseconds(pause);
                if (i == takes.Length / 3)
                {
                    first = Gcra.Create(rate, RateLease.Whole - split, first.Seal(now), now);
                    second = Gcra.Create(rate, split, 0, now);
                }

                if ((which == 0 || second is null ? first : second).TryTake(count, now, out _) == Take.Taken)
                {
                    admitted.Add((now, count));
                }
            }

            for (var from = 0; from < admitted.Count; from++)
            {
                var sum = 0L;
                for (var to = from; to < admitted.Count; to++)
                {
                    sum += admitted[to].Count;
                    var seconds = (admitted[to].At - admitted[from].At).TotalSeconds;
                    Assert.True(sum <= (amount * seconds) + burst + 1e-6, $"{sum} in {seconds} s at {amount}/s, burst {burst}");
                }
            }
        });
    }

    private static Gcra Whole(Rate rate) => Gcra.Create(rate, RateLease.Whole, long.MaxValue, TimeSpan.Zero);
}
