using Sluice.Revisions.Resources;

namespace Sluice.Edge.Upstreams;

/// <summary>
/// What the answers of one address say of it: plain rules, whose time is given. Failures in a row, or a share of failures among enough answers within an interval, are
/// reason to eject it; the first ejection lasts the policy's time, the second twice as long, up to the longest, and it ends by time alone. One that was well for the
/// longest time begins anew. Safe for concurrent use. See docs/upstreams.md.
/// </summary>
internal sealed class AddressEjection
{
    private readonly Lock _gate = new();
    private int _inARow;
    private int _seen;
    private int _failed;
    private int _ejections;
    private TimeSpan _intervalEnds;
    private long _until;

    /// <summary>When the last ejection ends, or has ended; zero: there was none.</summary>
    public TimeSpan Until => TimeSpan.FromTicks(Volatile.Read(ref _until));

    /// <summary>Whether it is ejected at a time.</summary>
    public bool IsEjected(TimeSpan now) => Until > now;

    /// <summary>It answered.</summary>
    public void Succeeded(TimeSpan now, EjectionPolicy policy)
    {
        lock (_gate)
        {
            Count(now, policy);
            _inARow = 0;
        }
    }

    /// <summary>It failed; true: that is reason to eject it, if so many may be.</summary>
    public bool Failed(TimeSpan now, EjectionPolicy policy)
    {
        lock (_gate)
        {
            Count(now, policy);
            _failed++;
            _inARow++;
            return !IsEjected(now) && (_inARow >= policy.InARow || (_seen >= policy.Requests && _failed * 100L >= (long)_seen * policy.Share));
        }
    }

    /// <summary>Ejects it.</summary>
    public void Eject(TimeSpan now, EjectionPolicy policy)
    {
        lock (_gate)
        {
            _ejections = _ejections > 0 && now >= Until + policy.Longest ? 1 : _ejections + 1;
            var time = policy.Time * Math.Min(_ejections, 100_000);
            (_inARow, _seen, _failed, _intervalEnds) = (0, 0, 0, default);
            Volatile.Write(ref _until, (now + (time < policy.Longest ? time : policy.Longest)).Ticks);
        }
    }

    /// <summary>Nobody watches it any more: it is well.</summary>
    public void Forget() => Volatile.Write(ref _until, 0);

    /// <summary>How many of an upstream's addresses may be ejected at a time: one at least, and never all.</summary>
    public static int MostOf(int addresses, EjectionPolicy policy) => Math.Min(addresses - 1, Math.Max(1, addresses * policy.Most / 100));

    private void Count(TimeSpan now, EjectionPolicy policy)
    {
        if (now >= _intervalEnds)
        {
            (_seen, _failed, _intervalEnds) = (0, 0, now + policy.Interval);
        }

        _seen++;
    }
}
