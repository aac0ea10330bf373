using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Pipeline;
using Sluice.Edge.Upstreams;

namespace Sluice.Edge.Caching.Models;

/// <summary>
/// Reads what a provider said, as it is kept, and tells it to a client in the client's dialect: whole or as events, however it came. Where both speak one dialect and it came as it is asked for,
/// the bytes are the provider's. What cannot be told without a loss in the other form is not told: then the provider is asked.
/// </summary>
internal static class KeptSpeech
{
    /// <summary>Whether an answer is one to be given again: all of it came, and each part ended by itself, at its cap, or by calling tools.</summary>
    public static bool IsWhole(ModelCall call, ReadOnlyMemory<byte> bytes, bool isStream)
    {
        try
        {
            if (call.Operation is ModelOperation.Embeddings)
            {
                return !isStream && call.Provider.Embeddings!.ReadAnswer(Json.OfBody(bytes)).Count > 0;
            }

            var answer = isStream ? ReadEvents(call.Provider, bytes, new Losses())?.Answer : call.Provider.ReadAnswer(Json.OfBody(bytes), new Losses());
            return answer is { Candidates.Count: > 0 } && answer.Candidates.TrueForAll(static candidate =>
                candidate.Stop is StopReason.End or StopReason.StopText or StopReason.Length or StopReason.Tools && !candidate.Parts.Exists(static part => part is RefusalPart));
        }
        catch (DialectFaultException)
        {
            return false;
        }
    }

    /// <summary>Tells it; false: it cannot be told as it is asked for, and nothing of what was written is to be sent.</summary>
    /// <param name="http">The request; its answer's head is told what a whole answer leaves out.</param>
    /// <param name="call">As it was matched.</param>
    /// <param name="kept">What is kept.</param>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="to">Takes it.</param>
    public static bool TryTell(HttpContext http, ModelCall call, StoredAnswer kept, long now, PooledBytes to)
    {
        var said = kept.Said!;
        try
        {
            if (said.IsStream)
            {
                return call.Stream ? Repeat(call, kept.Body, now, to) : Gather(http, call, kept.Body, now, to);
            }

            ReadOnlyMemory<byte> body = call.Seal?.Edit(kept.Body) ?? kept.Body;
            if (call.Stream)
            {
                return TellEvents(call, body, now, to);
            }

            if (call.IsTranslated)
            {
                Translations.WriteAnswer(http, call, succeeded: true, body, said.Tokens, now, to);
            }
            else
            {
                to.Add(body.Span);
            }

            return true;
        }
        catch (DialectFaultException)
        {
            return false;
        }
    }

    // As it was told when it came.
    private static bool Repeat(ModelCall call, ReadOnlyMemory<byte> events, long now, PooledBytes to)
    {
        using var translation = Translations.OfStream(call, now);
        using var tap = new StreamTap(call.HideUsage, bound: null, call.Provider, translation) { Edit = call.Seal is null ? null : call.Seal.EditEvent };
        tap.Pass(events.Span, to);
        tap.End(to);
        translation?.End(to);
        return true;
    }

    private static bool TellEvents(ModelCall call, ReadOnlyMemory<byte> body, long now, PooledBytes to)
    {
        var read = new Losses();
        var answer = call.Provider.ReadAnswer(Json.OfBody(body), read);
        if (!read.IsEmpty || !AnswerEvents.CanTell(answer))
        {
            return false;
        }

        var losses = new Losses { Prefix = "answer." };
        Mark(call, answer);
        AnswerEvents.Write(answer, call.Client.WriteStream(AskedOf(call, now), losses), to);
        return call.IsTranslated || losses.IsEmpty;
    }

    private static bool Gather(HttpContext http, ModelCall call, ReadOnlyMemory<byte> events, long now, PooledBytes to)
    {
        var read = new Losses();
        if (ReadEvents(call.Provider, events, read) is not { IsLossy: false } told || !read.IsEmpty || call.Seal is not null)
        {
            return false;
        }

        var losses = new Losses { Prefix = "answer." };
        Mark(call, told.Answer);
        using (var writer = new Utf8JsonWriter(to, JsonText.Options))
        {
            call.Client.WriteAnswer(told.Answer, AskedOf(call, now), writer, losses);
        }

        if (call.IsTranslated)
        {
            Translations.Warn(http, losses);
        }

        return call.IsTranslated || losses.IsEmpty;
    }

    // Null: the stream did not come to its end, or tells a failure.
    private static ToldAnswer? ReadEvents(Dialect provider, ReadOnlyMemory<byte> events, Losses losses)
    {
        var told = new ToldAnswer();
        var reader = provider.ReadStream(losses);
        using var translation = new StreamTranslation(reader, told);
        using var tap = new StreamTap(hideUsage: false, bound: null, provider, translation);
        using var nothing = new PooledBytes(256);
        tap.Pass(events.Span, nothing);
        tap.End(nothing);
        if (reader.HasFailed || !reader.IsWhole)
        {
            return null;
        }

        translation.End(nothing);
        told.End();
        return told;
    }

    private static void Mark(ModelCall call, Answer answer)
    {
        if (call.IsTranslated)
        {
            Provenance.Put(answer, call.Provider);
        }
    }

    private static Asked AskedOf(ModelCall call, long now) => new(call.IsTranslated ? call.IncludesUsage : !call.HideUsage, now);
}
