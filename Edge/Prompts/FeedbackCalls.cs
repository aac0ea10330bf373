using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Sluice.Edge.Configuration;
using Sluice.Edge.Identity;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Prompts;

/// <summary>
/// <c>POST /v1/feedback</c>: what a client says of an answer. Promised to the client: once it was answered the score is durable, and the same again counts once. The grain of the day on
/// which the answer's request came keeps it; calls of models know nothing of it. See docs/prompts.md.
/// </summary>
internal sealed class FeedbackCalls(Identification identification, IClusterClient cluster, EdgeStart start, TimeProvider time, ILogger<FeedbackCalls> log)
{
    private const int MostBytes = 16 * 1024;
    private static readonly TimeSpan CallBound = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private static readonly ClientError TooLarge = new(413, $"The request body is larger than {MostBytes} bytes.", "request_too_large");

    private static readonly ClientError Unreachable =
        new(503, "The score could not be kept at this moment. Try again: the same again counts once.", "service_unavailable", RetryAfter: Soon);

    /// <summary>Serves one.</summary>
    public async Task ServeAsync(Arrival arrival)
    {
        var http = arrival.Http;
        var (caller, error) = await identification.IdentifyAsync(arrival);
        if (caller is null)
        {
            await Answers.WriteErrorAsync(http, error!);
            return;
        }

        if (RequestBodies.CheckEncoding(http.Request) is { } encoded)
        {
            await Answers.WriteErrorAsync(http, encoded);
            return;
        }

        using var body = new PooledBytes(1024);
        if (http.Request.ContentLength > MostBytes || !await RequestBodies.TryReadAsync(http, body, MostBytes))
        {
            await Answers.WriteErrorAsync(http, TooLarge);
            return;
        }

        if (FeedbackBody.Read(body.Memory, out error) is not { } given)
        {
            await Answers.WriteErrorAsync(http, error!);
            return;
        }

        var outcome = await GiveAsync(caller, given, http.RequestAborted);
        await (outcome switch
        {
            FeedbackOutcome.Counted => WriteAsync(http, given, StatusCodes.Status200OK, "counted"),
            FeedbackOutcome.Awaited => WriteAsync(http, given, StatusCodes.Status202Accepted, "awaited"),
            FeedbackOutcome.Unknown => Answers.WriteErrorAsync(http, new ClientError(
                404, "There is no request with this id, or it is not yours. An id is what an answer has in sluice-request-id.", "request_not_found", "request_id")),
            FeedbackOutcome.Full => Answers.WriteErrorAsync(http, new ClientError(
                429, "There are as many scores of this day's requests as are kept; the scores that there are can still be changed.", "feedback_full")),
            _ => Answers.WriteErrorAsync(http, Unreachable),
        });
    }

    // Null: no silo answered.
    private async Task<FeedbackOutcome?> GiveAsync(Caller caller, FeedbackBody given, CancellationToken cancellation)
    {
        if (RequestTimes.Of(given.Request) is not { } came)
        {
            return FeedbackOutcome.Unknown;
        }

        var day = UsageRows.DayOf(came).ToString(CultureInfo.InvariantCulture);
        var grain = cluster.GetGrain<IEdgeFeedbackGrain>(GrainKeys.Join(start.Workspace, caller.Identity.Tenant, day));
        try
        {
            return await grain.GiveAsync(new RequestScore(given.Request, given.Name, given.Score, given.Comment, caller.Identity.KeyId, time.GetUtcNow())).WaitAsync(CallBound, time, cancellation);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            log.LogDebug("A score could not be kept: {Reason}", failure.Message);
            return null;
        }
    }

    private static Task WriteAsync(HttpContext http, FeedbackBody given, int status, string state)
    {
        var answer = JsonSerializer.SerializeToUtf8Bytes(new { request_id = given.Request, name = given.Name, score = given.Score, status = state });
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = answer.Length;
        return http.Response.Body.WriteAsync(answer, http.RequestAborted).AsTask();
    }
}
