using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Metering;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Pipeline;

/// <summary>Step 4, forward, for models: sends the request to the target's provider, passes the answer on as it comes, and tells what it used.</summary>
internal sealed class ModelForwarding(ProviderEndpoints endpoints, Deadlines deadlines)
{
    /// <summary>Answers the client in every case; what it returns is to be settled.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Settlement> ForwardAsync(Arrival arrival, ModelCall call, ReadOnlyMemory<byte> body, Reservation reservation)
    {
        var http = arrival.Http;
        var target = call.Matched.Target;
        var provider = target.Provider;
        var opened = arrival.Revision.Credentials.TryGetValue(provider.Name, out var credentials) ? credentials.Values : [];
        if (opened.IsEmpty && !provider.Credentials.IsEmpty)
        {
            await Answers.WriteOpenAIAsync(http, new ClientError(503, $"The credential of provider '{provider.Name}' is not known to this edge.", "service_unavailable"));
            return new Settlement(UsageSource.None, 0, 0, 0, 0, target.Label, StatusCodes.Status503ServiceUnavailable);
        }

        var credential = opened.IsEmpty ? null : opened[(int)(Chance.Next() * opened.Length)];
        using var deadline = deadlines.Rent(http.RequestAborted);
        var sent = new SentRequest(target.Label, call.InputBound, call.OutputBound);
        try
        {
            var endpoint = endpoints.Of(provider);
            deadline.In(provider.Timeouts.FirstByte);
            using var answer = await ProviderRequests.SendAsync(arrival, endpoint, call.Operation == ModelOperation.Chat ? endpoint.Chat : endpoint.Embeddings, body, credential, deadline);
            deadline.In(provider.Timeouts.Idle);
            if (!IsAnAnswer(answer.Status))
            {
                await Answers.WriteOpenAIAsync(http, new ClientError(
                    502, $"The model's provider answered with status {answer.Status}, which is no answer to a model's call: its address may be wrong.", "upstream_error"));
                return sent.Nothing(StatusCodes.Status502BadGateway);
            }

            http.Response.StatusCode = answer.Status;
            answer.CopyHeadersTo(http.Response);
            Answers.StampModel(http, provider.Name, target.Target.Model, reservation);
            return answer.IsSuccess && answer.IsEventStream
                ? await StreamedAnswer.PassAsync(http, answer, call.HideUsage, sent, deadline, provider.Timeouts.Idle)
                : await WholeAnswer.PassAsync(arrival, answer, credential, sent, reservation, deadline, provider.Timeouts.Idle);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return await FailAsync(arrival, e, deadline, sent);
        }
    }

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
            http.Abort();
        }
        else
        {
            Answers.Restart(arrival);
            await Answers.WriteOpenAIAsync(http, error);
        }

        var neverSent = failure is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
        };
        return neverSent || (outOfTime && !deadline.Passed) ? sent.Nothing(error.Status) : sent.Unknown(error.Status);
    }
}
