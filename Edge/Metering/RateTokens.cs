using Sluice.Revisions.Resources;

namespace Sluice.Edge.Metering;

/// <summary>
/// The tokens of one limit, without a request and a place: for the parts of a request that has entered, of which each takes tokens when its turn comes.
/// </summary>
internal sealed class RateTokens(MeterContext context, RateHolding holding, RateAsking asking)
{
    /// <summary>Takes tokens from the share, or none.</summary>
    /// <param name="tokens">How many.</param>
    /// <param name="now">A timestamp.</param>
    /// <param name="evenLapsed">A share whose lease ended counts, and where there is none nothing binds.</param>
    /// <param name="isGranted">The grain has let them pass.</param>
    public RateOutcome TryTake(long tokens, long now, bool evenLapsed, bool isGranted)
    {
        while (true)
        {
            var share = holding.Share;
            if (isGranted || tokens == 0)
            {
                return Taken;
            }

            if (share is null || (now >= share.EndsAt && !evenLapsed && share.Lease.Declared))
            {
                return evenLapsed ? Taken : RateOutcome.NoShare;
            }

            if (!share.Lease.Declared && share.Revision >= holding.Revision)
            {
                return Taken;
            }

            if (share.Lease.IsCold)
            {
                return evenLapsed ? Taken : RateOutcome.Cold;
            }

            var wait = TimeSpan.Zero;
            var take = share.Tokens?.TryTake(tokens, context.SinceOrigin(now), out wait) ?? Take.Taken;
            if (take != Take.Sealed)
            {
                return new RateOutcome(take, wait, RateKind.Tokens);
            }
        }
    }

    /// <summary>Asks the grain for tokens of a limit that is too small to be divided.</summary>
    public Task<Room> AskAsync(long tokens, CancellationToken cancellation) => asking.TakeAsync(tokens, cancellation, requests: 0);

    /// <summary>What the grain has let pass is not used.</summary>
    public void Refund(long tokens) => asking.GiveBack(0, tokens);

    /// <summary>Gives back what was not used; negative: more was used than was taken.</summary>
    public void GiveBack(long unused)
    {
        if (holding.Share is { Lease.IsCold: true, Limit.Tokens: not null })
        {
            asking.GiveBack(0, unused);
            return;
        }

        while (unused != 0 && holding.Share?.Tokens is { } bucket && !bucket.TryGiveBack(unused))
        {
            // Sealed: its successor is about to be seen.
        }
    }

    private static RateOutcome Taken => new(Take.Taken, TimeSpan.Zero, RateKind.Tokens);
}
