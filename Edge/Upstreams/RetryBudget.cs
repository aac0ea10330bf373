namespace Sluice.Edge.Upstreams;

/// <summary>
/// How many requests to an upstream may be sent again: a share of those of the last ten seconds, so that an outage is not multiplied, and ten in any case, so that an
/// upstream with little traffic has them too. Plain rules, whose time is given. Safe for concurrent use.
/// </summary>
internal sealed class RetryBudget
{
    /// <summary>Attempts again that are allowed within the window however few requests there are.</summary>
    public const int Least = 10;

    /// <summary>In which requests and attempts again are counted, in steps of one second.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly int[] _requests = new int[(int)Window.TotalSeconds];
    private readonly int[] _again = new int[(int)Window.TotalSeconds];
    private long _second;

    /// <summary>A request came; its attempts count once.</summary>
    public void Count(TimeSpan now)
    {
        lock (_gate)
        {
            _requests[Advance(now)]++;
        }
    }

    /// <summary>Takes the right to send one again; false where it is used up.</summary>
    /// <param name="now">The time.</param>
    /// <param name="percent">The share, 0 to 100.</param>
    public bool TryTake(TimeSpan now, int percent)
    {
        lock (_gate)
        {
            var at = Advance(now);
            if (_again.Sum() >= Math.Max(Least, _requests.Sum(count => (long)count) * percent / 100))
            {
                return false;
            }

            _again[at]++;
            return true;
        }
    }

    // Forgets the seconds that have left the window; the index of the present one.
    private int Advance(TimeSpan now)
    {
        var second = Math.Max(_second, (long)now.TotalSeconds);
        for (var passed = Math.Max(_second + 1, second - _requests.Length + 1); passed <= second; passed++)
        {
            _requests[passed % _requests.Length] = 0;
            _again[passed % _again.Length] = 0;
        }

        _second = second;
        return (int)(second % _requests.Length);
    }
}
