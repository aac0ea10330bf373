namespace Sluice.Edge.Metering;

/// <summary>
/// Covers a streamed answer of which less than the cap was reserved: takes the next slice ahead of need, and tells when none is left. It promises: what was seen is covered,
/// or the answer is to be ended. Used by the one that passes the answer on. See docs/accounting.md, "Adaptive reservations".
/// </summary>
internal sealed class AnswerSlices(Reservation reservation, MeterContext context, long answers)
{
    /// <summary>Tokens of the smallest slice, for each answer.</summary>
    public const long Least = 64;

    // What has no bytes that pass: the ends of texts, the frames of calls.
    private const long Unseen = 16;
    private const int MostTries = 32;
    private static readonly TimeSpan TopUpBound = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WaitBound = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UnreachablePause = TimeSpan.FromMilliseconds(100);

    // Until a provider notices that its answer is not wanted any more: to it, and to where it makes the next token.
    private static readonly TimeSpan NoticedAfter = TimeSpan.FromMilliseconds(250);
    private readonly CancellationTokenSource _end = new();
    private Task<bool>? _pending;
    private long _tryFrom;
    private long _heldBefore;
    private long _begunAt;

    /// <summary>Whether it was told that no slice is left.</summary>
    public bool IsSpent { get; private set; }

    /// <summary>Whether an answer that had so much is covered. Waits only where it had all that is held, and then a second at most.</summary>
    /// <param name="seen">The most output tokens that it can have had.</param>
    /// <param name="cancellation">The request's.</param>
    public ValueTask<bool> CoverAsync(long seen, CancellationToken cancellation)
    {
        seen += Unseen * answers;
        _begunAt = _begunAt == 0 ? context.Now : _begunAt;
        Advance(seen);
        return IsCovered(seen) ? ValueTask.FromResult(true) : new ValueTask<bool>(WaitAsync(seen, cancellation));
    }

    /// <summary>What is to be charged for an answer that was ended: at least what was held, and what it makes at its own speed until its provider has noticed; never more than the cap.</summary>
    /// <param name="seen">The most output tokens that it can have had.</param>
    public long Billable(long seen)
    {
        var had = Math.Max(seen + (Unseen * answers), reservation.HeldOutput);
        var took = context.Time.GetElapsedTime(_begunAt, context.Now);
        var more = had * (NoticedAfter / (took > NoticedAfter ? took : NoticedAfter));
        return Math.Min(reservation.OutputBound, had + (long)Math.Ceiling(more));
    }

    /// <summary>Ends what is under way: from here on nothing more is taken.</summary>
    public async ValueTask EndAsync()
    {
        await _end.CancelAsync();
        if (_pending is Task pending)
        {
            await pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _end.Dispose();
    }

    private bool IsCovered(long seen) => seen <= reservation.HeldOutput || reservation.HeldOutput >= reservation.OutputBound;

    // Half of what is held, so that an answer of any length has few; and as much ahead.
    private long Next => Math.Min(reservation.OutputBound, reservation.HeldOutput + Math.Max(Least * answers, reservation.HeldOutput / 2));

    private void Advance(long seen)
    {
        if (_pending is { IsCompleted: true })
        {
            _pending = null;
            _tryFrom = reservation.HeldOutput > _heldBefore ? 0 : seen + Math.Max(0, (reservation.HeldOutput - seen) / 2);
        }

        while (_pending is null && seen >= _tryFrom && reservation.HeldOutput < reservation.OutputBound && seen + (Next - reservation.HeldOutput) > reservation.HeldOutput)
        {
            var next = Next;
            _heldBefore = reservation.HeldOutput;
            if (!reservation.TryGrow(next, out var lacking))
            {
                _pending = GrowAsync(next, lacking, _end.Token);
            }
        }
    }

    private async Task<bool> WaitAsync(long seen, CancellationToken cancellation)
    {
        var began = context.Now;
        while (!IsCovered(seen))
        {
            var left = WaitBound - context.Time.GetElapsedTime(began, context.Now);
            try
            {
                if (left <= TimeSpan.Zero || !await (_pending ??= GrowAsync(Next, null, _end.Token)).WaitAsync(left, context.Time, cancellation))
                {
                    break;
                }
            }
            catch (TimeoutException)
            {
                break;
            }

            Advance(seen);
        }

        IsSpent = !IsCovered(seen);
        return !IsSpent;
    }

    // Where a level has not enough for a slice, a smaller one is asked for.
    private async Task<bool> GrowAsync(long to, Lacking? lacking, CancellationToken cancellation)
    {
        using var bound = new CancellationTokenSource(TopUpBound, context.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, bound.Token);
        try
        {
            for (var tries = 0; tries < MostTries; tries++)
            {
                if (lacking is { } level)
                {
                    var room = await reservation.MakeRoomAsync(level, both.Token, to);
                    if (room.Kind == RoomKind.Unreachable && !reservation.TryOpen(level))
                    {
                        await Task.Delay(UnreachablePause, context.Time, both.Token);
                        continue;
                    }

                    if (room.Kind == RoomKind.Refused)
                    {
                        to = reservation.HeldOutput + ((to - reservation.HeldOutput) / 2);
                        if (to - reservation.HeldOutput < Least)
                        {
                            return false;
                        }
                    }
                }

                if (reservation.TryGrow(to, out var still))
                {
                    return true;
                }

                lacking = still;
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever waits for it has ended, or no silo answered in time.
        }

        return false;
    }
}
