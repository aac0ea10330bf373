using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Edge.Metering;
using Sluice.Edge.Metrics;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// Forwards to upstreams that declare <c>retry</c>, <c>ejection</c> or <c>circuit</c>: refuses at once what finds no room, sends again what may be sent again, and notes what each
/// address answered. Promised to the client: nothing is sent again once a byte of an answer went out, nor what may have been served unless it is idempotent. See docs/upstreams.md.
/// </summary>
internal sealed class GuardedForwarding(UpstreamInstruments counts, TimeProvider time)
{
    private const string IdempotencyKey = "Idempotency-Key";
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(25);

    /// <summary>Forwards; what it returns is to be told where the client is still there and nothing was answered yet.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="upstream">To whom.</param>
    /// <param name="set">Its addresses.</param>
    /// <param name="point">Where the request lies on their ring, where they are hashed.</param>
    /// <param name="limits">What each answer carries besides.</param>
    /// <param name="once">Makes one attempt.</param>
    public async ValueTask<Forwarded> SendAsync(Arrival arrival, UpstreamResource upstream, UpstreamSet set, ulong point, RateHeaders? limits, Func<UpstreamTry, ValueTask<Forwarded>> once)
    {
        var http = arrival.Http;
        using var place = await EnterAsync(set, upstream.Timeouts.Connect, http.RequestAborted);
        if (place is { IsAcquired: false })
        {
            return http.RequestAborted.IsCancellationRequested ? default : Refuse(upstream);
        }

        using var body = upstream.Retry is not null && http.Request.ContentLength is { } length and <= DirectForwarding.MostBody ? new PooledBytes((int)length) : null;
        if (body is not null && await ReadAsync(http, body) is { } failed)
        {
            return failed;
        }

        set.Budget?.Count(set.Now);
        var hasBody = http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is not false;
        var attempt = new UpstreamTry(http, upstream, set, body, isRepeatable: (body is not null || !hasBody) && IsIdempotent(http.Request));
        List<UpstreamAddress> tried = [];
        while (true)
        {
            if (set.Hold(point, tried) is not { } address)
            {
                return set.IsEmpty ? new Forwarded(UpstreamErrors.NoAddress(upstream.Name), 0) : Refuse(upstream);
            }

            attempt.Begin(address);
            Forwarded forwarded;
            try
            {
                forwarded = await once(attempt);
            }
            finally
            {
                UpstreamSet.Release(address);
            }

            if (forwarded.Error == UpstreamErrors.Ending)
            {
                return forwarded;
            }

            Note(set, attempt);
            if (!attempt.IsToRepeat())
            {
                counts.Denied(attempt.IsOutOfBudget);
                return forwarded;
            }

            counts.Repeated(attempt.Failure);
            tried.Add(address);
            Answers.Restart(arrival);
            Answers.StampLimits(http, limits);
            Answers.StampAttempts(http, attempt.Number + 1);
            if (!await WaitAsync(attempt.Number, http.RequestAborted))
            {
                return default;
            }
        }
    }

    // Null: nothing bounds it. One that waits and is not let in within the time to connect is refused.
    private static async ValueTask<RateLimitLease?> EnterAsync(UpstreamSet set, TimeSpan longest, CancellationToken client)
    {
        if (set.Room is not { } room)
        {
            return null;
        }

        var place = room.AttemptAcquire();
        if (place.IsAcquired || !set.MayWait)
        {
            return place;
        }

        using var bound = CancellationTokenSource.CreateLinkedTokenSource(client);
        bound.CancelAfter(longest);
        try
        {
            return await room.AcquireAsync(1, bound.Token);
        }
        catch (OperationCanceledException)
        {
            return place;
        }
    }

    private static async ValueTask<Forwarded?> ReadAsync(HttpContext http, PooledBytes body)
    {
        try
        {
            await RequestBodies.TryReadAsync(http, body, DirectForwarding.MostBody);
            return null;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return new Forwarded(http.RequestAborted.IsCancellationRequested ? null : UpstreamErrors.UnreadableBody, 0);
        }
    }

    private static bool IsIdempotent(HttpRequest request) => DirectForwarding.IsIdempotent(request.Method) || !string.IsNullOrWhiteSpace(request.Headers[IdempotencyKey]);

    private void Note(UpstreamSet set, UpstreamTry attempt)
    {
        if (attempt.Failure is TryFailure.Connect or TryFailure.Reset or TryFailure.Timeout || attempt.Status >= StatusCodes.Status500InternalServerError)
        {
            counts.Ejected(set.Failed(attempt.Address));
        }
        else if (attempt.Status > 0)
        {
            set.Succeeded(attempt.Address);
        }
    }

    private Forwarded Refuse(UpstreamResource upstream)
    {
        counts.Refused();
        return new Forwarded(UpstreamErrors.Full(upstream.Name), 0);
    }

    // Doubled each time, and half of it by chance, so that what failed together does not come again together. False: the client left.
    private async ValueTask<bool> WaitAsync(int number, CancellationToken client)
    {
        try
        {
            await Task.Delay(FirstWait * Math.Pow(2, number - 1) * (0.5 + (Chance.Next() / 2)), time, client);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
