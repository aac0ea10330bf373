using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Caching.Models;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Metering;
using Sluice.Edge.Targets;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Pipeline;

/// <summary>
/// Passes a stream on, each event in the moment in which it is complete. A provider that breaks off, or is silent for too long, gives an error event and
/// the end, without <c>[DONE]</c>; a client that leaves, and a stream beyond what was reserved for it, end the request to the provider at once. What was seen till then is settled.
/// </summary>
internal static class StreamedAnswer
{
    // An event is small, and an idle stream holds as much.
    private const int ReadSize = 4 * 1024;

    /// <summary>Passes all of it; what it returns is to be settled.</summary>
    /// <param name="http">The request.</param>
    /// <param name="answer">The provider's.</param>
    /// <param name="call">As it was matched.</param>
    /// <param name="bound">What it may have; null: nothing bounds it.</param>
    /// <param name="slices">By which it is covered; null: all of it is.</param>
    /// <param name="sent">What was asked for.</param>
    /// <param name="clock">Tells the time of the first event.</param>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="deadline">Of each wait.</param>
    /// <param name="idle">How long a wait may be.</param>
    /// <param name="sentAt">The timestamp at which the request was sent; of no interest where there is but one attempt.</param>
    /// <param name="first">What was read of it already.</param>
    /// <param name="keepAlive">How long the client hears nothing at most, once the answer has begun; null: as long as the provider says nothing.</param>
    /// <exception cref="IOException">The provider broke off before its first event, where another attempt can follow: the client has not been answered. So with <see cref="OperationCanceledException"/>.</exception>
    public static async ValueTask<Settlement> PassAsync(
        HttpContext http, UpstreamAnswer answer, ModelCall call, StreamBound? bound, AnswerSlices? slices, SentRequest sent, TimeProvider clock, long now, Deadline deadline, TimeSpan idle, long sentAt, ReadOnlyMemory<byte> first, TimeSpan? keepAlive)
    {
        using var translation = Translations.OfStream(call, now);
        var begin = call.Trial is { } trial ? new StreamBegin(http.Response.BodyWriter, trial, deadline, sentAt) : null;
        using var tap = new StreamTap(call.HideUsage, bound, call.Provider, translation, mayBeCut: slices is not null) { Clock = clock, Judge = begin is null ? null : begin.Judge, Edit = call.Seal is null ? null : call.Seal.EditEvent };
        var status = http.Response.StatusCode;
        try
        {
            await PassEventsAsync(http, answer, tap, call.Provider.Framing?.Invoke(), translation, slices, deadline, idle, begin, first, SilenceOf(http, call, deadline, keepAlive), call.CacheAsk);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            status = StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException && begin?.MayBeMended is not true)
        {
            status = await BreakOffAsync(http, tap, call.Client, deadline, null);
        }
        catch (DialectFaultException fault)
        {
            answer.Cancel();
            status = await BreakOffAsync(http, tap, call.Client, deadline, fault);
        }
        finally
        {
            if (slices is not null)
            {
                await slices.EndAsync();
            }
        }

        if (tap.IsCut)
        {
            var cut = slices is { IsSpent: true }
                ? await sent.CutAsync(tap.Usage, slices.Billable(tap.OutputSeen), status)
                : await sent.CutAsync(tap.Usage, tap.TextBytes, tap.WordEvents, status);
            return await EndAsync(http, tap, call, translation, bound!.Value.Answers, cut with { IsBatch = tap.IsBatch, FirstTokenAt = tap.BegunAt });
        }

        var settlement = tap.Usage is { } begun && call.Provider.TellsUsageInParts && tap.Finished == 0
            ? await sent.BegunAsync(begun, tap.TextBytes, status)
            : tap.Usage is { } usage
            ? sent.Told(usage, status < 400 ? UsageSource.Reported : UsageSource.Partial, status)
            : await sent.GuessAsync(tap.TextBytes, status);
        return settlement with { IsBatch = tap.IsBatch, FirstTokenAt = tap.BegunAt };
    }

    private static async Task PassEventsAsync(HttpContext http, UpstreamAnswer answer, StreamTap tap, StreamFraming? framing, StreamTranslation? translation, AnswerSlices? slices, Deadline deadline, TimeSpan idle, StreamBegin? begin, ReadOnlyMemory<byte> first, StreamSilence? silence, CacheAsk? ask)
    {
        var writer = http.Response.BodyWriter;
        var output = begin ?? (IBufferWriter<byte>)writer;
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            first.CopyTo(buffer);
            for (var count = first.Length; !tap.IsCut && (count > 0 || (count = await ReadAsync(answer, buffer, tap.HasBegun && !tap.IsAmidEvent ? silence : null)) > 0); count = 0)
            {
                Pass(tap, ask, framing is null ? buffer.AsSpan(0, count) : framing.Take(buffer.AsSpan(0, count)), output);
                if (slices is not null && !tap.IsOver && !await slices.CoverAsync(tap.OutputSeen, http.RequestAborted))
                {
                    tap.Cut();
                }

                if (tap.IsCut)
                {
                    // Before anything that a slow client could delay: what it makes from now on is billed and of no use.
                    answer.Cancel();
                }

                if (begin?.IsAwaited(answer) is true)
                {
                    // Till then another target may yet answer, and the first token has a bound of its own.
                    continue;
                }

                await writer.FlushAsync(http.RequestAborted);
                if (tap.HasBegun)
                {
                    deadline.In(idle);
                }
            }

            tap.End(output);
            if (begin is { HasBegun: false })
            {
                throw new IOException("The provider's stream ended before it began.");
            }

            if (translation is { } translated && !tap.IsCut)
            {
                if (!translated.IsWhole)
                {
                    throw new IOException("The provider's stream ended before its answer did.");
                }

                translated.End(output);
            }

            await writer.FlushAsync(http.RequestAborted);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Pass(StreamTap tap, CacheAsk? ask, ReadOnlySpan<byte> came, IBufferWriter<byte> output)
    {
        ask?.Take(came);
        tap.Pass(came, output);
    }

    private static StreamSilence? SilenceOf(HttpContext http, ModelCall call, Deadline deadline, TimeSpan? keepAlive) =>
        keepAlive is { } after && call.Client.KeepAlive is { } word ? new StreamSilence(http, word, after, deadline) : null;

    private static ValueTask<int> ReadAsync(UpstreamAnswer answer, Memory<byte> buffer, StreamSilence? silence)
    {
        var reading = answer.ReadAsync(buffer);
        return silence is null || reading.IsCompleted ? reading : AwaitAsync(reading, silence);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<int> AwaitAsync(ValueTask<int> reading, StreamSilence silence)
    {
        silence.Begin();
        try
        {
            return await reading;
        }
        finally
        {
            await silence.EndAsync();
        }
    }

    private static async Task<Settlement> EndAsync(HttpContext http, StreamTap tap, ModelCall call, StreamTranslation? translation, long answers, Settlement settlement)
    {
        try
        {
            http.Response.BodyWriter.Write(tap.IsAmidEvent ? "\n\n"u8 : default);
            if (translation is not null)
            {
                translation.Cut(settlement.Tokens, answers, tap.Finished, http.Response.BodyWriter);
            }
            else
            {
                http.Response.BodyWriter.Write(call.Client.WriteEnding(new StreamCut(tap.Last, answers, tap.Finished, call.HideUsage ? null : settlement.Tokens)));
            }

            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            return settlement;
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            return settlement with { Status = StatusCodes.Status499ClientClosedRequest };
        }
    }

    private static async Task<int> BreakOffAsync(HttpContext http, StreamTap tap, Dialect client, Deadline deadline, DialectFaultException? fault)
    {
        var error = deadline.IsEnd ? UpstreamErrors.Ending
            : deadline.Passed ? new ClientError(504, "The model's provider sent nothing for too long.", "upstream_timeout")
            : new ClientError(502, fault is null ? "The model's provider broke off its answer." : $"The provider's answer could not be read: {fault.Message}", "upstream_error");
        var output = http.Response.BodyWriter;
        output.Write(tap.IsAmidEvent ? "\n\n"u8 : default);
        output.Write(client.WriteFailureEvent(new Failure(error.Status, error.Message, error.Code)));
        await output.FlushAsync(CancellationToken.None);
        return error.Status;
    }
}
