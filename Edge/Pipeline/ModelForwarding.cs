using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Access;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Metering;
using Sluice.Edge.Metrics;
using Sluice.Edge.Targets;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Pipeline;

/// <summary>Step 4, forward, for models: sends the request to the target's provider, passes the answer on as it comes, and tells what it used.</summary>
internal sealed class ModelForwarding(ProviderEndpoints endpoints, AccessTokens access, Deadlines deadlines, EdgeOptions options)
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
        var trial = call.Trial;
        if (opened.IsEmpty && !provider.Credentials.IsEmpty)
        {
            trial?.Broke();
            var unknown = UpstreamErrors.NoCredential(provider.Name);
            return await TellAsync(arrival, trial, unknown, new Settlement(UsageSource.None, default, target.Label, unknown.Status));
        }

        if (call.Operation is ModelOperation.CountTokens && call.IsTranslated)
        {
            return await CountedAnswer.WriteAsync(arrival, call);
        }

        using var deadline = deadlines.Rent(trial?.Race.Aborted(http.RequestAborted) ?? http.RequestAborted);
        var times = AnswerTimes.Of(call);
        deadline.NotAfter(trial?.EndsAt ?? deadlines.After(times.Whole));
        var sent = new SentRequest(target.Label, reservation.InputBound, reservation.OutputBound, call);
        if (trial is { Race.IsLost: true })
        {
            return sent.Nothing(StatusCodes.Status499ClientClosedRequest);
        }

        var credential = trial is not null ? trial.Credential(credentials) : opened.IsEmpty ? null : credentials!.Use(0);
        deadline.In(times.FirstToken);
        var key = credential is not null && call.Provider.Exchanges(credential) ? credential : null;
        if (key is not null)
        {
            try
            {
                credential = await access.OfAsync(key, deadline.Token);
            }
            catch (Exception e) when (e is AccessRefusedException or OperationCanceledException)
            {
                return await WithoutAccessAsync(arrival, e, provider.Name, deadline, sent, trial);
            }
        }

        try
        {
            var endpoint = endpoints.Of(provider);
            var sentAt = trial is null ? 0 : clock.GetTimestamp();
            using var answer = await ProviderRequests.SendAsync(arrival, endpoint, endpoint.AddressOf(call.Operation, target.Target.Model, call.Stream, call.Embeddings?.Sent), call, body, credential, isAccessToken: key is not null, clock, deadline);
            var answeredAt = clock.GetTimestamp();
            var isStream = answer.IsSuccess && (answer.IsEventStream || (call.Stream && call.Provider.Framing is not null));
            if (!isStream)
            {
                deadline.In(times.BetweenTokens);
            }

            if (!IsAnAnswer(answer.Status))
            {
                trial?.Broke();
                return await TellAsync(arrival, trial, new ClientError(
                    502, $"The model's provider answered with status {answer.Status}, which is no answer to a model's call: its address may be wrong.", "upstream_error"), sent.Nothing(StatusCodes.Status502BadGateway));
            }

            if (key is not null && answer.Status == StatusCodes.Status401Unauthorized)
            {
                access.Refuse(key, credential!);
            }

            var holds = false;
            if (trial is not null && UpstreamErrors.IsMendable(answer.Status))
            {
                trial.Refused(answer);
                if (trial.Race.RunsBeside())
                {
                    // The answer's head is the other one's to write.
                    return await TellAsync(arrival, trial, new ClientError(answer.Status, $"The model's provider answered with status {answer.Status}.", "upstream_error"), sent.Nothing(answer.Status));
                }

                holds = trial.MayGoOn();
            }
            else if (!isStream)
            {
                trial?.Answered(answer, clock.GetElapsedTime(sentAt, answeredAt), isStream: false);
            }

            using var begin = isStream && trial is { Race.IsRacing: true } ? await FirstBytes.ReadAsync(answer) : null;
            if (trial?.Race.TryWin() is false)
            {
                return sent.Unknown(StatusCodes.Status499ClientClosedRequest);
            }

            http.Response.StatusCode = answer.Status;
            answer.CopyHeadersTo(http.Response);
            if (answer.IsSuccess && RequestBodies.IsEncoded(http.Response.Headers.ContentEncoding))
            {
                // Its usage could not be read; and unpacked it could be of any size.
                trial?.Broke();
                return await TellAsync(arrival, trial, UpstreamErrors.ProviderEncodes(http.Response.Headers.ContentEncoding.ToString()), sent.Unknown(StatusCodes.Status502BadGateway));
            }

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
            Answers.StampAttempts(http, trial);
            var now = clock.GetUtcNow().ToUnixTimeSeconds();
            var settlement = isStream
                ? await StreamedAnswer.PassAsync(http, answer, call, BoundOf(call, reservation), reservation.BeginSlices(), sent, clock, now, deadline, times.BetweenTokens, sentAt, begin?.Memory ?? default, options.StreamKeepAlive > TimeSpan.Zero ? options.StreamKeepAlive : null)
                : call.Operation is ModelOperation.Speech && answer.IsSuccess
                ? await SpokenAnswer.PassAsync(http, answer, sent, deadline, times.BetweenTokens)
                : await WholeAnswer.PassAsync(arrival, answer, call, credential, sent, reservation, answeredAt, now, deadline, times.BetweenTokens, holds);
            call.CacheAsk?.Keep(call, isStream, settlement, clock);
            return settlement with { AnsweredAt = answeredAt };
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return await FailAsync(arrival, e, deadline, sent, trial);
        }
    }

    private static StreamBound? BoundOf(ModelCall call, Reservation reservation) =>
        call.Operation == ModelOperation.Chat && reservation.EndsAnswers ? new StreamBound(reservation.OutputBound, call.Answers) : null;

    private static bool IsAnAnswer(int status) => status is >= 200 and < 300 and not StatusCodes.Status204NoContent and not StatusCodes.Status205ResetContent or >= 400 and < 600;

    // Nothing was sent, so nothing was used.
    private static async Task<Settlement> WithoutAccessAsync(Arrival arrival, Exception failure, string provider, Deadline deadline, SentRequest sent, Trial? trial)
    {
        if (arrival.Http.RequestAborted.IsCancellationRequested || trial?.Race.IsLost is true)
        {
            return sent.Nothing(StatusCodes.Status499ClientClosedRequest);
        }

        var error = deadline.IsEnd ? UpstreamErrors.Ending
            : failure is AccessRefusedException ? new ClientError(502, $"Provider '{provider}' could not be asked, for its account was given no access token: {failure.Message}.", "upstream_error")
            : new ClientError(504, $"Provider '{provider}' could not be asked in time, for its account was given no access token yet.", "upstream_timeout");
        trial?.HadNoAccess();
        return await TellAsync(arrival, deadline.IsEnd ? null : trial, error, sent.Nothing(error.Status));
    }

    private static async Task<Settlement> FailAsync(Arrival arrival, Exception failure, Deadline deadline, SentRequest sent, Trial? trial)
    {
        var http = arrival.Http;
        if (http.RequestAborted.IsCancellationRequested || trial?.Race.IsLost is true)
        {
            return sent.Unknown(StatusCodes.Status499ClientClosedRequest);
        }

        // The time to connect is bounded by the connections themselves.
        var outOfTime = deadline.Passed || failure is OperationCanceledException;
        var error = deadline.IsEnd ? UpstreamErrors.Ending : outOfTime ? UpstreamErrors.ProviderTooLate : UpstreamErrors.ProviderBroken;
        var neverSent = failure is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
        };
        var settlement = neverSent || failure is ToldFailureException || (outOfTime && !deadline.Passed) ? sent.Nothing(error.Status) : sent.Unknown(error.Status);
        if (http.Response.HasStarted)
        {
            BrokenAnswer.Abort(http);
            return settlement;
        }

        if (!deadline.IsEnd)
        {
            trial?.Broke();
            return await TellAsync(arrival, trial, error, settlement);
        }

        return await TellAsync(arrival, null, error, settlement);
    }

    // To the client, unless another attempt follows.
    private static async ValueTask<Settlement> TellAsync(Arrival arrival, Trial? trial, ClientError error, Settlement settlement)
    {
        if (trial?.TryHold(error, settlement) is true)
        {
            return settlement;
        }

        Answers.Restart(arrival);
        Answers.StampAttempts(arrival.Http, trial);
        await Answers.WriteErrorAsync(arrival.Http, error);
        return settlement;
    }
}
