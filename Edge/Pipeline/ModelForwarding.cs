using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Metering;
using Sluice.Edge.Metrics;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Pipeline;

/// <summary>Step 4, forward, for models: sends the request to the target's provider, passes the answer on as it comes, and tells what it used.</summary>
internal sealed class ModelForwarding(ProviderEndpoints endpoints, Deadlines deadlines)
{
    /// <summary>Answers the client in every case; what it returns is to be settled.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="call">As it was matched.</param>
    /// <param name="body">What the provider is sent.</param>
    /// <param name="reservation">To be settled before a whole answer goes out, for the cost that it tells.</param>
    /// <param name="clock">Tells the time of the answer's first byte.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Settlement> ForwardAsync(Arrival arrival, ModelCall call, ReadOnlyMemory<byte> body, Reservation reservation, TimeProvider clock)
    {
        var http = arrival.Http;
        var target = call.Matched.Target;
        var provider = target.Provider;
        var opened = arrival.Revision.Credentials.TryGetValue(provider.Name, out var credentials) ? credentials.Values : [];
        if (opened.IsEmpty && !provider.Credentials.IsEmpty)
        {
            await Answers.WriteErrorAsync(http, new ClientError(503, $"The credential of provider '{provider.Name}' is not known to this edge.", "service_unavailable"));
            return new Settlement(UsageSource.None, default, target.Label, StatusCodes.Status503ServiceUnavailable);
        }

        if (call.Operation is ModelOperation.CountTokens && call.IsTranslated)
        {
            return await CountedAnswer.WriteAsync(arrival, call);
        }

        var credential = opened.IsEmpty ? null : opened[(int)(Chance.Next() * opened.Length)];
        using var deadline = deadlines.Rent(http.RequestAborted);
        var sent = new SentRequest(target.Label, reservation.InputBound, reservation.OutputBound, call);
        try
        {
            var endpoint = endpoints.Of(provider);
            deadline.In(provider.Timeouts.FirstByte);
            using var answer = await ProviderRequests.SendAsync(arrival, endpoint, endpoint.AddressOf(call.Operation, target.Target.Model, call.Stream), call, body, credential, clock, deadline);
            var answeredAt = clock.GetTimestamp();
            deadline.In(provider.Timeouts.Idle);
            if (!IsAnAnswer(answer.Status))
            {
                await Answers.WriteErrorAsync(http, new ClientError(
                    502, $"The model's provider answered with status {answer.Status}, which is no answer to a model's call: its address may be wrong.", "upstream_error"));
                return sent.Nothing(StatusCodes.Status502BadGateway);
            }

            http.Response.StatusCode = answer.Status;
            answer.CopyHeadersTo(http.Response);
            Answers.StampModel(http, provider.Name, target.Target.Model, reservation, clock.GetUtcNow());
            if (call.IsTranslated)
            {
                Translations.StampHead(http, call);
            }
            else
            {
                Translations.Warn(http, call.Losses);
            }

            Answers.StampCap(http, call, reservation);
            var now = clock.GetUtcNow().ToUnixTimeSeconds();
            var settlement = answer.IsSuccess && (answer.IsEventStream || (call.Stream && call.Provider.Framing() is not null))
                ? await StreamedAnswer.PassAsync(http, answer, call, BoundOf(call, reservation), reservation.BeginSlices(), sent, now, deadline, provider.Timeouts.Idle)
                : await WholeAnswer.PassAsync(arrival, answer, call, credential, sent, reservation, answeredAt, now, deadline, provider.Timeouts.Idle);
            return settlement with { AnsweredAt = answeredAt };
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return await FailAsync(arrival, e, deadline, sent);
        }
    }

    private static StreamBound? BoundOf(ModelCall call, Reservation reservation) =>
        call.Operation == ModelOperation.Chat && reservation.EndsAnswers ? new StreamBound(reservation.OutputBound, call.Answers) : null;

    private static bool IsAnAnswer(int status) => status is >= 200 and < 300 and not StatusCodes.Status204NoContent and not StatusCodes.Status205ResetContent or >= 400 and < 600;

    private static async Task<Settlement> FailAsync(Arrival arrival, Exception failure, Deadline deadline, SentRequest sent)
    {
        var http = arrival.Http;
        if (http.RequestAborted.IsCancellationRequested)
        {
            return sent.Unknown(StatusCodes.Status499ClientClosedRequest);
        }

        // The time to connect is bounded by the connections themselves.
        var outOfTime = deadline.Passed || failure is OperationCanceledException;
        var error = deadline.IsEnd ? UpstreamErrors.Ending
            : outOfTime ? new ClientError(504, "The model's provider did not answer in time.", "upstream_timeout")
            : new ClientError(502, "The model's provider could not be reached, or ended the connection without an answer.", "upstream_error");
        if (http.Response.HasStarted)
        {
            BrokenAnswer.Abort(http);
        }
        else
        {
            Answers.Restart(arrival);
            await Answers.WriteErrorAsync(http, error);
        }

        var neverSent = failure is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
        };
        return neverSent || (outOfTime && !deadline.Passed) ? sent.Nothing(error.Status) : sent.Unknown(error.Status);
    }
}
