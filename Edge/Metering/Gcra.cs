using Sluice.Grains.Interfaces.Limits;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>What became of a try to take from a <see cref="Gcra"/>.</summary>
public enum Take
{
    /// <summary>Taken.</summary>
    Taken,

    /// <summary>Not yet: it would fit after a wait.</summary>
    TooSoon,

    /// <summary>Never: more than the burst.</summary>
    TooMany,

    /// <summary>A successor has replaced this bucket: try there.</summary>
    Sealed,

    /// <summary>The limit is not divided: the grain decides.</summary>
    Cold,
}

/// <summary>
/// The generic cell rate algorithm on a share of a rate. In any interval T no more than share·(R·T + burst) is taken, exactly: one item costs a whole number of
/// units, rounded up. Credit never comes from nothing: a successor with another share begins with what this one had, so that credits of all edges
/// never sum to more than the burst. Safe for concurrent use; times are counted from any fixed origin, for at most four years.
/// </summary>
public sealed class Gcra
{
    /// <summary>One item in the measure of credits: a millionth of one is the least that a successor begins with.</summary>
    public const long Item = 1_000_000;

    // A unit is 1/64 ns: fine enough that rounding an item's cost up takes less than a thousandth from a million items a second.
    private const long UnitsPerTick = 6_400;
    private const long SealedMark = long.MaxValue;
    private readonly long _perItem;
    private readonly long _burst;

    // When the bucket is full again. Changes by compare-and-swap only; SealedMark is final.
    private long _fullAt;

    private Gcra(long perItem, long burst, long credit, TimeSpan now)
    {
        _perItem = perItem;
        _burst = burst;
        var full = burst * perItem;
        _fullAt = Units(now) + full - (long)Int128.Min(full, (Int128)credit * perItem / Item);
    }

    /// <summary>The most that can be taken at once, in items.</summary>
    public long Burst => _burst;

    /// <summary>A bucket for a share, in parts of a million, that begins with a credit in millionths of an item, bounded by the share's burst.</summary>
    public static Gcra Create(Rate rate, int share, long credit, TimeSpan now)
    {
        var burst = (long)((Int128)rate.Burst * share / RateLease.Whole);
        if (burst == 0)
        {
            return new Gcra(0, 0, 0, now);
        }

        var divisor = (Int128)rate.Amount * share;
        var perItem = (((Int128)rate.Per.Ticks * UnitsPerTick * RateLease.Whole) + divisor - 1) / divisor;
        var most = long.MaxValue / 8 / burst;
        return new Gcra((long)Int128.Min(perItem, most), burst, credit, now);
    }

    /// <summary>Takes <paramref name="count"/> items or none; <paramref name="wait"/> tells after which time it would fit.</summary>
    public Take TryTake(long count, TimeSpan now, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        var at = Units(now);
        var seen = Volatile.Read(ref _fullAt);
        while (true)
        {
            if (seen == SealedMark)
            {
                return Take.Sealed;
            }

            if (count > _burst)
            {
                return Take.TooMany;
            }

            var next = Math.Max(seen, at) + (count * _perItem);
            var over = next - at - (_burst * _perItem);
            if (over > 0)
            {
                wait = TimeSpan.FromTicks((over + UnitsPerTick - 1) / UnitsPerTick);
                return Take.TooSoon;
            }

            var was = Interlocked.CompareExchange(ref _fullAt, next, seen);
            if (was == seen)
            {
                return Take.Taken;
            }

            seen = was;
        }
    }

    /// <summary>Gives items back, never beyond the burst; a negative count takes more, whatever the credit. False where a successor has replaced this bucket.</summary>
    public bool TryGiveBack(long count)
    {
        // Bounded so that a wild figure cannot overflow; a debt of many bursts is paid off all the same.
        var most = _perItem == 0 ? 0 : long.MaxValue / 8 / _perItem;
        var units = Math.Clamp(count, -most, most) * _perItem;
        var seen = Volatile.Read(ref _fullAt);
        while (seen != SealedMark)
        {
            var was = Interlocked.CompareExchange(ref _fullAt, seen - units, seen);
            if (was == seen)
            {
                return true;
            }

            seen = was;
        }

        return false;
    }

    /// <summary>How many items can be taken now.</summary>
    public long Credit(TimeSpan now) => CreditAt(Volatile.Read(ref _fullAt), now) / Item;

    /// <summary>The time until the bucket is full.</summary>
    public TimeSpan UntilFull(TimeSpan now)
    {
        var fullAt = Volatile.Read(ref _fullAt);
        return fullAt == SealedMark ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Max(0, fullAt - Units(now)) / UnitsPerTick);
    }

    /// <summary>Ends this bucket: nothing is taken from it any more. The credit that it had in millionths of an item, for its successor.</summary>
    public long Seal(TimeSpan now) => CreditAt(Interlocked.Exchange(ref _fullAt, SealedMark), now);

    private static long Units(TimeSpan time) => time.Ticks * UnitsPerTick;

    private long CreditAt(long fullAt, TimeSpan now)
    {
        if (fullAt == SealedMark || _perItem == 0)
        {
            return 0;
        }

        var missing = Math.Max(0, fullAt - Units(now));
        return (long)Int128.Clamp(((Int128)(_burst * _perItem) - missing) * Item / _perItem, 0, long.MaxValue);
    }
}
