using System.Buffers;
using System.Text;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Upstreams;

namespace Sluice.Tests.Unit.Edge.Dialects.Translation;

/// <summary>Translates as the edge does.</summary>
internal static class Translating
{
    private static readonly Dialect[] Clients = [DialectTable.OpenAI, DialectTable.Anthropic, DialectTable.Responses, DialectTable.Gemini];
    private static readonly Dialect[] Providers = [.. Clients, DialectTable.Bedrock, DialectTable.Cohere, DialectTable.Ollama];

    /// <summary>Every dialect of clients to every other of providers: the ways of requests.</summary>
    public static readonly (Dialect From, Dialect To)[] RequestWays = [.. Clients.SelectMany(from => Providers.Where(to => to != from).Select(to => (from, to)))];

    /// <summary>Every dialect of providers to every other of clients: the ways of answers.</summary>
    public static readonly (Dialect From, Dialect To)[] AnswerWays = [.. Providers.SelectMany(from => Clients.Where(to => to != from).Select(to => (from, to)))];

    /// <summary>The dialect of a recording.</summary>
    public static Dialect Of(string api) => api switch { "openai.chat" => DialectTable.OpenAI, "openai.responses" => DialectTable.Responses, "gemini.generate" or "gemini.stream" => DialectTable.Gemini,
        "bedrock.converse" or "bedrock.converse-stream" => DialectTable.Bedrock, "cohere.chat" => DialectTable.Cohere, "ollama.chat" => DialectTable.Ollama, _ => DialectTable.Anthropic };


    /// <summary>A request, and what was left out.</summary>
    public static (string Body, string Lost) Request(Dialect from, Dialect to, string body)
    {
        var json = Json.OfBody(Encoding.UTF8.GetBytes(body));
        var losses = new Losses();
        var conversation = Sluice.Edge.Pipeline.Translations.Read(from, json, losses);
        Provenance.Keep(conversation, from, to, losses);
        conversation.MaxTokens ??= 4096;
        var sent = Sluice.Edge.Pipeline.Translations.Write(conversation, to, null, losses, out var length);
        try
        {
            return (Encoding.UTF8.GetString(sent, 0, length), losses.ToString());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(sent);
        }
    }

    /// <summary>A whole answer, and what was left out.</summary>
    public static (byte[] Body, string Lost) Answer(Dialect from, Dialect to, byte[] body)
    {
        var json = Json.OfBody(body);
        var losses = new Losses { Source = json };
        using var bytes = new PooledBytes(1024);
        using (var writer = new Utf8JsonWriter(bytes, JsonText.Options))
        {
            var answer = from.ReadAnswer(json, losses);
            Provenance.Put(answer, from);
            to.WriteAnswer(answer, new Asked(true, 1700000000), writer, losses);
        }

        return (bytes.Span.ToArray(), losses.ToString());
    }

    /// <summary>A stream, given in pieces of so many bytes.</summary>
    public static byte[] Stream(Dialect from, Dialect to, byte[] stream, int piece = int.MaxValue)
    {
        var losses = new Losses();
        using var translation = new StreamTranslation(from.ReadStream(losses), to.WriteStream(new Asked(true, 1700000000), losses), from);
        return Pass(from, stream, translation, piece);
    }

    /// <summary>Passes a stream through a tap that translates; ends it where it was whole.</summary>
    public static byte[] Pass(Dialect from, byte[] stream, StreamTranslation translation, int piece)
    {
        using var tap = new StreamTap(false, null, from, translation);
        var framing = from.Framing?.Invoke();
        var output = new ArrayBufferWriter<byte>(stream.Length + 1);
        for (var at = 0; at < stream.Length;)
        {
            var length = Math.Min(piece, stream.Length - at);
            tap.Pass(framing is null ? stream.AsSpan(at, length) : framing.Take(stream.AsSpan(at, length)), output);
            at += length;
        }

        tap.End(output);
        if (translation.IsWhole)
        {
            translation.End(output);
        }

        return output.WrittenSpan.ToArray();
    }
}
