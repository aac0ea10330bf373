using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Upstreams;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline;

/// <summary>Translates whole bodies between what the caller and the provider speak.</summary>
internal static class Translations
{
    /// <summary>What a caller is told that a translation leaves out.</summary>
    public const string Header = "sluice-warnings";

    /// <summary>Reads a request, proven to be JSON.</summary>
    /// <param name="client">What the caller speaks.</param>
    /// <param name="body">As it came.</param>
    /// <param name="losses">Takes what is left out.</param>
    /// <exception cref="DialectFaultException">A field is not what the dialect says.</exception>
    public static Conversation Read(Dialect client, Json body, Losses losses)
    {
        losses.Source = body;
        return client.ReadRequest(body, losses);
    }

    /// <summary>Writes a request into a rented buffer.</summary>
    /// <exception cref="DialectFaultException">A field cannot be expressed.</exception>
    public static byte[] Write(Conversation conversation, Dialect provider, Uri? address, Losses losses, out int length)
    {
        foreach (var extra in conversation.Extras)
        {
            if (extra.Refused is { } why)
            {
                throw new DialectFaultException($"It cannot be sent to this model's provider: {why}.", extra.Value);
            }

            losses.Add(extra.Value, NoCounterpart(provider));
        }

        foreach (var turn in conversation.Turns)
        {
            Lose(turn.Others, provider, losses);
            Lose(turn.Parts, provider, losses);
        }

        // What a large body becomes is about as large: room that grows would be held several times over.
        using var bytes = new PooledBytes(Math.Max(8192, losses.Source.Span.Length / 8 * 9));
        using (var writer = new Utf8JsonWriter(bytes, JsonText.Options))
        {
            provider.WriteRequest(conversation, address, writer, losses);
        }

        return bytes.Detach(out length);
    }

    /// <summary>Writes a request for embeddings into a rented buffer.</summary>
    /// <exception cref="DialectFaultException">A field is not what the caller's dialect says, or cannot be expressed.</exception>
    public static byte[] WriteEmbeddings(Json body, Dialect client, Dialect provider, EmbeddingsCall call, CompiledTarget target, Losses losses, out int length)
    {
        losses.Source = body;
        var request = client.Embeddings!.Read(body, call.Asked, provider, losses);
        call.Take(request);
        using var bytes = new PooledBytes(8192);
        using (var writer = new Utf8JsonWriter(bytes, JsonText.Options))
        {
            provider.Embeddings!.Write(request, target.Target.Model, call.Sent, writer, losses);
        }

        return bytes.Detach(out length);
    }

    /// <summary>The error of a request that cannot be translated.</summary>
    public static ClientError Tell(DialectFaultException fault, Json body)
    {
        var field = fault.FieldIn(body);
        return new ClientError(400, field is null ? fault.Message : $"'{field}': {fault.Message}", "invalid_request", field);
    }

    /// <summary>Translates an answer, or an error, into the buffer, and sets what the head says of it.</summary>
    /// <exception cref="DialectFaultException">It is no answer of the provider's dialect.</exception>
    public static void WriteAnswer(HttpContext http, ModelCall call, bool succeeded, ReadOnlyMemory<byte> answer, in TokenCounts usage, long now, PooledBytes to)
    {
        if (!succeeded)
        {
            var failure = call.Provider.ReadFailure(http.Response.StatusCode, answer);
            failure = failure with { Status = call.Client.StatusOf(failure.Status) };
            to.Add(call.Client.WriteFailure(failure, http.Response.Headers["sluice-request-id"]));
            http.Response.StatusCode = failure.Status;
        }
        else if (call.Embeddings is { } asked)
        {
            using var writer = new Utf8JsonWriter(to, JsonText.Options);
            var embeddings = asked.Check(call.Provider.Embeddings!.ReadAnswer(Json.OfBody(answer)));
            call.Client.Embeddings!.WriteAnswer(embeddings, asked, call.Matched.Target.Target.Model, usage.Input, writer);
        }
        else
        {
            var body = Json.OfBody(answer);
            var losses = new Losses { Source = body, Prefix = "answer." };
            using (var writer = new Utf8JsonWriter(to, JsonText.Options))
            {
                var told = call.Provider.ReadAnswer(body, losses);
                Provenance.Put(told, call.Provider);
                call.Client.WriteAnswer(told, new Asked(call.IncludesUsage, now), writer, losses);
            }

            Warn(http, losses);
        }

        http.Response.ContentType = "application/json";
    }

    /// <summary>What translates a stream.</summary>
    public static StreamTranslation? OfStream(ModelCall call, long now)
    {
        var losses = new Losses { Prefix = "answer." };
        return call.IsTranslated ? new StreamTranslation(call.Provider.ReadStream(losses), call.Client.WriteStream(new Asked(call.IncludesUsage, now), losses), call.Provider) : null;
    }

    /// <summary>Makes the head of an answer that was a provider's one of the caller's dialect.</summary>
    public static void StampHead(HttpContext http, ModelCall call)
    {
        var headers = http.Response.Headers;
        if (call.Stream && http.Response.StatusCode < 300 && call.Provider.Framing is not null)
        {
            http.Response.ContentType = "text/event-stream";
        }

        foreach (var name in headers.Keys.Where(call.Provider.IsOwnHeader).ToArray())
        {
            headers.Remove(name);
        }

        foreach (var (name, _) in http.Request.Headers)
        {
            if (call.Client.IsOwnHeader(name) && !string.Equals(name, call.Client.Version?.Name, StringComparison.OrdinalIgnoreCase))
            {
                call.Losses?.Add(name.ToLowerInvariant(), "a header of one dialect is not sent to a provider of another");
            }
        }

        Warn(http, call.Losses);
    }

    /// <summary>Tells what was left out.</summary>
    public static void Warn(HttpContext http, Losses? losses)
    {
        if (losses is { IsEmpty: false })
        {
            var before = http.Response.Headers[Header].ToString();
            http.Response.Headers[Header] = before.Length == 0 ? losses.ToString() : $"{before}; {losses}";
        }
    }

    private static string NoCounterpart(Dialect provider) => $"it has no counterpart in the dialect {provider.Name}";

    private static void Lose(List<ContentPart> parts, Dialect provider, Losses losses)
    {
        foreach (var part in parts)
        {
            Lose(part.Others, provider, losses);
            if (part is ToolResultPart result)
            {
                Lose(result.Parts, provider, losses);
            }
        }
    }

    private static void Lose(List<Json>? others, Dialect provider, Losses losses)
    {
        foreach (var other in others ?? [])
        {
            losses.Add(other, NoCounterpart(provider));
        }
    }
}
