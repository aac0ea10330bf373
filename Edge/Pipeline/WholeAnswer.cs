using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Metering;
using Sluice.Edge.Targets;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Pipeline;

/// <summary>Passes an answer on that is not a stream: read whole, so that its usage and cost are known before its first byte goes out.</summary>
internal static class WholeAnswer
{
    private const int ReadSize = 16 * 1024;
    private const int Most = 32 * 1024 * 1024;

    // Ten pictures of the largest size, in base64.
    private const int MostOfImages = 128 * 1024 * 1024;

    /// <summary>Answers the client, or keeps the answer back where another attempt follows it; what it returns was settled, for the cost that the answer tells.</summary>
    /// <exception cref="IOException">The provider broke off, or a wait was longer than <paramref name="idle"/>: the client has not been answered.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<Settlement> PassAsync(
        Arrival arrival, UpstreamAnswer response, ModelCall call, string? credential, SentRequest sent, Reservation reservation, long answeredAt, long now, Deadline deadline, TimeSpan idle, bool holds)
    {
        var http = arrival.Http;
        var expected = response.Length;
        var most = PassedCalls.GivesPictures(call.Operation) ? MostOfImages : Most;
        using var answer = new PooledBytes((int)Math.Min(expected ?? ReadSize, most));
        while (expected is null || answer.Length < expected)
        {
            var count = await response.ReadAsync(answer.Room());
            if (count == 0)
            {
                break;
            }

            answer.Advance(count);
            deadline.In(idle);
            if (answer.Length > most)
            {
                Answers.Restart(arrival);
                await Answers.WriteErrorAsync(http, new ClientError(502, $"The provider's answer is larger than {most} bytes.", "upstream_error"));
                return sent.Unknown(StatusCodes.Status502BadGateway);
            }
        }

        if (response.Status is 429 or >= 500 && ProviderRates.RetryAfter(response, now: default) is null && call.Provider.ReadRetryDelay(answer.Memory) is { } wait)
        {
            call.Trial?.RestFor(response.Status, wait);
            http.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        var settlement = await JudgeAsync(response.IsSuccess && call.Operation is not ModelOperation.CountTokens, http.Response.StatusCode, answer.Memory, call, sent);
        if (call.CacheAsk is { } ask && response.IsSuccess)
        {
            ask.Take(answer.Span);
        }

        var cost = reservation.Settle(settlement with { AnsweredAt = answeredAt, IsFollowed = holds });
        Answers.StampCost(http, call.Background is null ? cost : null);
        var bytes = response.IsSuccess || credential is null ? answer.Memory : CredentialMask.Apply(answer.Memory, credential);
        bytes = response.IsSuccess && call.Seal?.Edit(bytes.Span) is { } named ? named : bytes;
        using var translated = new PooledBytes(call.IsTranslated ? bytes.Length : 0);
        if (call.IsTranslated)
        {
            try
            {
                Translations.WriteAnswer(http, call, response.IsSuccess, bytes, settlement.Tokens, now, translated);
                bytes = translated.Memory;
            }
            catch (DialectFaultException fault)
            {
                Answers.Restart(arrival);
                await Answers.WriteErrorAsync(http, new ClientError(502, $"The provider's answer could not be read: {fault.Message}", "upstream_error"));
                return settlement with { Status = StatusCodes.Status502BadGateway };
            }
        }

        if (holds)
        {
            call.Trial!.Hold(bytes.ToArray(), settlement);
            return settlement;
        }

        http.Response.ContentLength = bytes.Length;
        await http.Response.BodyWriter.WriteAsync(bytes, http.RequestAborted);
        return settlement;
    }

    private static ValueTask<Settlement> JudgeAsync(bool succeeded, int status, ReadOnlyMemory<byte> answer, ModelCall call, SentRequest sent)
    {
        if (!succeeded)
        {
            return ValueTask.FromResult(sent.Nothing(status));
        }

        if (call.Background is { } background)
        {
            background.Take(answer.Span);
            return ValueTask.FromResult(background.IsBegun ? sent.Nothing(status) : sent.Unknown(status));
        }

        var facts = call.Embeddings is not null ? call.Provider.Embeddings!.ReadFacts(answer.Span) : call.Provider.ReadWholeFacts(answer.Span);
        return call.IsBackground ? ValueTask.FromResult(sent.Unknown(status))
            : facts.Usage is { } usage
            ? ValueTask.FromResult(sent.Told(usage, UsageSource.Reported, status) with { IsBatch = facts.IsBatch, Units = PassedUnits.Told(call.Operation, call.Units, answer.Span) })
            : PassedCalls.Are(call.Operation) ? PassedCalls.EstimateAsync(call.Operation, sent, answer, status, call.Units) : sent.GuessAsync(facts.TextBytes, status);
    }
}
