namespace Sluice.Edge.Targets;

/// <summary>How often something happened in the last minutes. Plain rules, whose time is given; safe for concurrent use, without a lock.</summary>
internal sealed class RecentCount
{
    /// <summary>Of so many minutes, the one that runs among them.</summary>
    public const int Minutes = 5;

    // Each place holds a minute's number and its count, which change together.
    private const int BitsOfCount = 24;
    private const long MostCount = (1L << BitsOfCount) - 1;
    private readonly long[] _minutes = new long[Minutes + 1];

    /// <summary>It happened.</summary>
    public void Add(TimeSpan now) => Change(now, 1);

    /// <summary>It did not happen after all.</summary>
    /// <param name="when">The time that was given.</param>
    public void TakeBack(TimeSpan when) => Change(when, -1);

    /// <summary>How often.</summary>
    public long Sum(TimeSpan now)
    {
        var (newest, sum) = (NumberOf(now), 0L);
        for (var i = 0; i < _minutes.Length; i++)
        {
            var place = Volatile.Read(ref _minutes[i]);
            sum += newest - (place >> BitsOfCount) < Minutes ? place & MostCount : 0;
        }

        return sum;
    }

    // From a number that no empty place has.
    private static long NumberOf(TimeSpan now) => (long)now.TotalMinutes + Minutes + 1;

    private void Change(TimeSpan now, int by)
    {
        var number = NumberOf(now);
        ref var place = ref _minutes[number % _minutes.Length];
        var seen = Volatile.Read(ref place);
        while (true)
        {
            // A place of a later minute is one for which this came too late.
            var count = seen >> BitsOfCount >= number ? seen & MostCount : 0;
            var next = (Math.Max(seen >> BitsOfCount, number) << BitsOfCount) + Math.Clamp(count + by, 0, MostCount);
            var was = Interlocked.CompareExchange(ref place, next, seen);
            if (was == seen)
            {
                return;
            }

            seen = was;
        }
    }
}
