using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>What one request holds of its limits: a place and its tokens of each, or of none. Used by one at a time.</summary>
internal sealed class HeldLimits
{
    private RateLevel[] _levels = [];
    private long _tokens;
    private bool _isPart;

    // Limits that the grain has let this request pass, each paid for: bits by index.
    private ulong _granted;

    /// <summary>The figures of the tightest one; null where there is none.</summary>
    public RateHeaders? Headers
    {
        get
        {
            RateHeaders? tightest = null;
            foreach (var level in _levels)
            {
                var headers = level.Meter.Headers(level.Limit);
                tightest = tightest is { } other ? other.Tightest(headers) : headers;
            }

            return tightest;
        }
    }

    /// <summary>Begins with nothing held.</summary>
    /// <param name="levels">The limits.</param>
    /// <param name="tokens">The most that the request may use; what it uses beyond it is owed.</param>
    /// <param name="isPart">Whether it is a part of a request that holds its place: it takes tokens alone.</param>
    public void Open(RateLevel[] levels, long tokens, bool isPart = false) => (_levels, _tokens, _isPart, _granted) = (levels, tokens, isPart, 0);

    /// <summary>Counts the request as demand, whatever becomes of it.</summary>
    public void CountDemand()
    {
        foreach (var level in _levels)
        {
            level.Meter.Ask(_tokens);
        }
    }

    /// <summary>Takes on every level or on none.</summary>
    /// <param name="now">A timestamp.</param>
    /// <param name="opened">Levels that do not refuse, a bit each.</param>
    /// <param name="lacking">A level that does not let it pass.</param>
    public bool TryTake(long now, ulong opened, out Lacking lacking)
    {
        for (var i = 0; i < _levels.Length; i++)
        {
            var isOpened = i < 64 && (opened & (1UL << i)) != 0;
            var outcome = _isPart ? _levels[i].Meter.Tokens.TryTake(_tokens, now, isOpened, IsGranted(i)) : _levels[i].Meter.TryEnter(_tokens, now, isOpened, IsGranted(i));
            if (outcome.Take != Take.Taken)
            {
                lacking = new Lacking(i, -1, outcome);
                Undo(i);
                return false;
            }
        }

        lacking = default;
        return true;
    }

    /// <summary>Another level refuses: what was taken is undone, but for what the grain has let pass.</summary>
    public void Undo() => Undo(_levels.Length);

    /// <summary>The attempt has ended, and has used so many tokens.</summary>
    /// <param name="used">How many.</param>
    /// <param name="isFollowed">Whether another attempt of the request takes its place, which takes of the rate what this one had taken for the request.</param>
    public void Leave(long used, bool isFollowed)
    {
        foreach (var level in _levels)
        {
            if (_isPart)
            {
                level.Meter.Tokens.GiveBack(_tokens - used);
            }
            else if (isFollowed)
            {
                level.Meter.Undo(_tokens - used);
            }
            else
            {
                level.Meter.Leave(_tokens - used);
            }
        }
    }

    /// <summary>Waits for what a level lacks.</summary>
    public async Task<Room> MakeRoomAsync(Lacking lacking, CancellationToken cancellation)
    {
        var meter = _levels[lacking.Limit].Meter;
        var room = _isPart && lacking.Outcome.Take == Take.Cold ? await meter.Tokens.AskAsync(_tokens, cancellation) : await meter.MakeRoomAsync(lacking.Outcome, _tokens, cancellation);
        if (room.IsGranted && lacking.Limit < 64)
        {
            _granted |= 1UL << lacking.Limit;
        }
        else if (room.IsGranted)
        {
            Refund(meter);
        }

        return room;
    }

    /// <summary>The request is not admitted by this: what the grain has let pass goes to others.</summary>
    public void Refund()
    {
        for (var i = 0; i < _levels.Length; i++)
        {
            if (IsGranted(i))
            {
                Refund(_levels[i].Meter);
            }
        }

        _granted = 0;
    }

    /// <summary>Says why the request is not admitted.</summary>
    public Refusal Refuse(Lacking lacking, Room room)
    {
        var (rate, limit) = _levels[lacking.Limit];
        var outcome = lacking.Outcome with { Kind = room.Lacks ?? lacking.Outcome.Kind };
        return room.Kind == RoomKind.Refused || (room.Kind == RoomKind.Made && lacking.IsForWantOfRate)
            ? Refusals.RateLimited(limit, rate.Subject, outcome, _tokens, room.Kind == RoomKind.Refused ? room.Wait : Refusals.Soon(lacking.Outcome.Wait))
            : Refusals.Unreachable("Limit", limit.Name, rate.Subject);
    }

    private bool IsGranted(int index) => index < 64 && (_granted & (1UL << index)) != 0;

    private void Refund(RateMeter meter)
    {
        if (_isPart)
        {
            meter.Tokens.Refund(_tokens);
        }
        else
        {
            meter.Refund(_tokens);
        }
    }

    private void Undo(int count)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            if (_isPart)
            {
                _levels[i].Meter.Tokens.GiveBack(IsGranted(i) ? 0 : _tokens);
            }
            else if (IsGranted(i))
            {
                _levels[i].Meter.LeavePlace();
            }
            else
            {
                _levels[i].Meter.Undo(_tokens);
            }
        }
    }
}
