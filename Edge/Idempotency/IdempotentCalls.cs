using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Sluice.Edge.Configuration;
using Sluice.Edge.Identity;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Idempotency;

namespace Sluice.Edge.Idempotency;

/// <summary>
/// Requests that carry an <c>Idempotency-Key</c>: executed once in a window over all edges, and answered alike each time. Promised to the client; the key's owner is a grain, and
/// only these requests ask one. See docs/idempotency.md.
/// </summary>
internal sealed class IdempotentCalls(IClusterClient cluster, EdgeStart start, TimeProvider time, ILogger<IdempotentCalls> log)
{
    private const string Header = "Idempotency-Key";
    private const int LongestKey = 255;
    private const int MostTries = 5;
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan TryPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>The key that a request carries; empty: none.</summary>
    public static StringValues KeyOf(HttpContext http) => http.Request.Headers[Header];

    /// <summary>Serves a request with a key, or answers it as the first with that key was.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="caller">Whose key it is: no other caller's key is the same.</param>
    /// <param name="given">As the header gives it.</param>
    /// <param name="body">The request's, as it came.</param>
    /// <param name="serve">Serves it; true: it was executed, and may have been charged.</param>
    public async Task ServeAsync(Arrival arrival, Caller caller, StringValues given, ReadOnlyMemory<byte> body, Func<ValueTask<bool>> serve)
    {
        var http = arrival.Http;
        if (given.Count != 1 || given[0] is not { Length: > 0 and <= LongestKey } key || key.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            await Answers.WriteErrorAsync(http, new ClientError(400, $"'{Header}' must be one value of 1 to {LongestKey} printable ASCII characters.", "invalid_idempotency_key"));
            return;
        }

        var grain = cluster.GetGrain<IEdgeIdempotencyGrain>(GrainKeys.Join(start.Workspace, caller.Identity.Tenant, Hash(caller.Identity.KeyId, Encoding.ASCII.GetBytes(key))));
        var claim = new RequestClaim(arrival.RequestId, Hash(http.Request.Path.Value ?? "", body.Span), arrival.Revision.Plan.Workspace.IdempotencyWindow);
        if (await TryAsync(() => grain.ClaimAsync(claim), tries: 2, http.RequestAborted) is not { } answer)
        {
            await Answers.WriteErrorAsync(http, new ClientError(503, $"The '{Header}' could not be checked at this moment; nothing was executed. Try again.", "service_unavailable", RetryAfter: Soon));

            // It may have been taken without our hearing of it.
            _ = TryAsync(() => ReleaseAsync(grain, claim.Request), tries: 1, CancellationToken.None);
            return;
        }

        await (answer.Outcome switch
        {
            ClaimOutcome.Claimed => ExecuteAsync(http, grain, claim, serve),
            ClaimOutcome.Answered when answer.Kept is { Body: not null } kept => ReplayAsync(http, answer.First, kept),
            ClaimOutcome.Answered => Answers.WriteErrorAsync(http, new ClientError(
                422, $"The request with this '{Header}', {answer.First}, was executed, and its answer was too large or too broken to be kept. Use a new key to execute it again.", "idempotency_answer_not_kept")),
            ClaimOutcome.UnderWay => Answers.WriteErrorAsync(http, new ClientError(
                409, $"The request with this '{Header}', {answer.First}, is still under way; try again for its answer.", "idempotency_key_in_use", RetryAfter: Soon)),
            _ => Answers.WriteErrorAsync(http, new ClientError(
                422, $"This '{Header}' was used before, by {answer.First}, for another path or body. A repeat must be the same byte by byte; a new request needs a new key.", "idempotency_key_reused")),
        });
    }

    private static string Hash(string first, ReadOnlySpan<byte> second)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(first));
        hash.AppendData("\n"u8);
        hash.AppendData(second);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static async Task<bool> ReleaseAsync(IEdgeIdempotencyGrain grain, string request)
    {
        await grain.ReleaseAsync(request);
        return true;
    }

    private static async Task<bool> CompleteAsync(IEdgeIdempotencyGrain grain, string request, KeptAnswer answer)
    {
        await grain.CompleteAsync(request, answer);
        return true;
    }

    private static async Task ReplayAsync(HttpContext http, string first, KeptAnswer kept)
    {
        var response = http.Response;
        response.StatusCode = kept.Status;
        foreach (var header in kept.Headers)
        {
            response.Headers.Append(header.Name, header.Value);
        }

        response.Headers["idempotent-replayed"] = "true";
        response.Headers["sluice-replay-of"] = first;
        await using var body = new BrotliStream(new MemoryStream(kept.Body!, writable: false), CompressionMode.Decompress);
        await body.CopyToAsync(response.Body, http.RequestAborted);
    }

    private async Task ExecuteAsync(HttpContext http, IEdgeIdempotencyGrain grain, RequestClaim claim, Func<ValueTask<bool>> serve)
    {
        using var ended = new CancellationTokenSource();
        var renewing = RenewAsync(grain, claim.Request, ended.Token);

        // What ends in an unknown way may have been executed: it is not to be executed again.
        var isExecuted = true;
        KeptAnswer? kept = null;
        await using var capture = new AnswerCapture(http);
        try
        {
            isExecuted = await serve();
            kept = await capture.EndAsync();
        }
        finally
        {
            capture.Restore();
            await ended.CancelAsync();
            await renewing;
            var answer = kept ?? new KeptAnswer(StatusCodes.Status500InternalServerError, [], null);
            if (!await TryAsync(() => isExecuted ? CompleteAsync(grain, claim.Request, answer) : ReleaseAsync(grain, claim.Request), MostTries, CancellationToken.None))
            {
                log.LogWarning("No silo took the answer of {Request}: its idempotency key is free again when its lease has ended, and a repeat is executed anew", claim.Request);
            }
        }
    }

    private async Task RenewAsync(IEdgeIdempotencyGrain grain, string request, CancellationToken ended)
    {
        while (true)
        {
            await Task.Delay(ClaimTimes.RenewEvery, time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested)
            {
                return;
            }

            await TryAsync(() => grain.RenewAsync(request), tries: 1, ended);
        }
    }

    // The default where no silo answered.
    private async Task<T?> TryAsync<T>(Func<Task<T>> call, int tries, CancellationToken cancellation)
    {
        for (var left = tries; left > 0; left--)
        {
            try
            {
                return await call().WaitAsync(CallBound, time, cancellation);
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                log.LogDebug("A call of an idempotency key's owner failed: {Reason}", failure.Message);
            }
            catch (OperationCanceledException)
            {
                return default;
            }

            await Task.Delay(left > 1 ? TryPause : TimeSpan.Zero, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return default;
    }
}
