using Sluice.Grains.Interfaces.Calls;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Targets;

/// <summary>
/// What the answers of a target say of its health: plain rules, whose time is given. It promises: so many failures in a row, or such a share of at least so many answers within a window,
/// eject it; it is probed by one request after a time, and after each probe that fails after twice as long, up to a bound; an answer ends the ejection. A rest is no failure.
/// Safe for concurrent use. See docs/targets.md.
/// </summary>
internal sealed class TargetHealth
{
    // A probe that never told its end does not keep others away for ever.
    private static readonly TimeSpan ProbeBound = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private int _inARow;
    private int _ejections;
    private int _seen;
    private int _failed;
    private TimeSpan _windowEnds;
    private TimeSpan _ejectedUntil;
    private TimeSpan _probeEnds;
    private bool _isEjected;
    private long _restsUntil;
    private volatile EjectionRules _rules = EjectionRules.Defaults;

    // False: nothing but successes since the last time that it was well, so that one more changes nothing.
    private volatile bool _isTroubled;

    /// <summary>What is declared of it, by the last revision that was asked for it.</summary>
    public EjectionRules Rules
    {
        get => _rules;
        set => _rules = value;
    }

    /// <summary>Until when it rests; in the past: it does not.</summary>
    public TimeSpan RestsUntil => TimeSpan.FromTicks(Volatile.Read(ref _restsUntil));

    /// <summary>Whether it is ejected, due for a probe or not.</summary>
    public bool IsEjected => _isTroubled && Volatile.Read(ref _isEjected);

    /// <summary>How it stands at a time.</summary>
    public TargetStanding At(TimeSpan now)
    {
        if (RestsUntil > now)
        {
            return TargetStanding.Resting;
        }

        if (!_isTroubled)
        {
            return TargetStanding.Well;
        }

        lock (_gate)
        {
            return !_isEjected ? TargetStanding.Well : now >= _ejectedUntil && now >= _probeEnds ? TargetStanding.Due : TargetStanding.Ejected;
        }
    }

    /// <summary>How long it is not asked yet; null: it may be.</summary>
    public TimeSpan? ShutFor(TimeSpan now)
    {
        switch (At(now))
        {
            case TargetStanding.Resting:
                return RestsUntil - now;
            case TargetStanding.Ejected:
                lock (_gate)
                {
                    return (_ejectedUntil > _probeEnds ? _ejectedUntil : _probeEnds) is var until && until > now ? until - now : null;
                }

            default:
                return null;
        }
    }

    /// <summary>Takes the right to send the one request that probes it; false where another has it.</summary>
    public bool TryProbe(TimeSpan now)
    {
        lock (_gate)
        {
            if (!_isEjected || now < _ejectedUntil || now < _probeEnds)
            {
                return false;
            }

            _probeEnds = now + ProbeBound;
            return true;
        }
    }

    /// <summary>It answered.</summary>
    public void Succeeded(TimeSpan now)
    {
        if (!_isTroubled)
        {
            return;
        }

        lock (_gate)
        {
            _inARow = 0;
            _seen += now < _windowEnds ? 1 : 0;
            if (_isEjected)
            {
                (_isEjected, _probeEnds, _seen, _failed, _windowEnds) = (false, default, 0, 0, now);
            }
            else if (now >= _windowEnds)
            {
                // Ejections grow no longer once it has been well for a while.
                _ejections = now >= _ejectedUntil + _rules.Longest ? 0 : _ejections;
                _isTroubled = _ejections > 0;
            }
        }
    }

    /// <summary>It failed.</summary>
    public void Failed(TimeSpan now)
    {
        var rules = _rules;
        lock (_gate)
        {
            _isTroubled = true;
            if (now >= _windowEnds)
            {
                (_seen, _failed, _windowEnds) = (0, 0, now + rules.Within);
            }

            _inARow++;
            _seen++;
            _failed++;
            if (_isEjected ? now >= _ejectedUntil : _inARow >= rules.Failures || (_seen >= rules.Of && _failed >= _seen * rules.Share))
            {
                Eject(now);
            }
        }
    }

    /// <summary>A probe, or another request, ended without telling anything of it: its client left.</summary>
    public void ToldNothing()
    {
        if (_isTroubled)
        {
            lock (_gate)
            {
                _probeEnds = default;
            }
        }
    }

    /// <summary>It is not to be asked until a time.</summary>
    public void Rest(TimeSpan until)
    {
        var seen = Volatile.Read(ref _restsUntil);
        while (seen < until.Ticks)
        {
            var was = Interlocked.CompareExchange(ref _restsUntil, until.Ticks, seen);
            if (was == seen)
            {
                return;
            }

            seen = was;
        }
    }

    private void Eject(TimeSpan now)
    {
        var rules = _rules;
        var grown = rules.First * Math.Pow(2, Math.Min(_ejections, 30));
        _ejections++;
        (_isEjected, _ejectedUntil, _probeEnds, _inARow) = (true, now + (grown < rules.Longest ? grown : rules.Longest), default, 0);
    }
}
