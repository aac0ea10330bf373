using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Ollama;

/// <summary>Ollama's own chat, which providers alone speak: what it has beside OpenAI's is its options, and that a model may be told to think. Fields: https://docs.ollama.com/api/chat.</summary>
internal sealed class OllamaDialect : ProviderOnlyDialect
{
    public override string Name => "ollama";

    public override EmbeddingsDialect Embeddings { get; } = new OllamaEmbeddings();

    public override string PathOf(string model, bool isStreamed) => "/api/chat";

    public override Func<StreamFraming> Framing => static () => new LineFraming();

    public override void WriteRequest(Conversation conversation, Uri? address, Utf8JsonWriter writer, Losses losses) => OllamaRequestWriter.Write(conversation, writer, losses);

    public override Answer ReadAnswer(Json body, Losses losses) => OllamaAnswerReader.Read(body);

    public override EventReader ReadStream(Losses losses) => new OllamaEventReader();

    public override AnswerFacts ReadFacts(ReadOnlySpan<byte> json) => OllamaFacts.Read(json);

    public override RequestScan Scan(ReadOnlyMemory<byte> body, string? path, out RequestFault? fault)
    {
        var scan = RequestScan.Read(body.Span, InputField.Messages, out fault);
        var fields = Json.TryRead(body, out _).Fields();
        while (fields.Next())
        {
            var options = fields.Is("options"u8) && fields.Value.IsObject ? fields.Value.Fields() : default;
            while (options.Next())
            {
                if (options.Is("num_predict"u8) && options.Value.Value() is { } cap)
                {
                    (scan.MaxTokens, scan.MaxTokensNumber) = ((long)cap, new Part(options.Value.At, options.Value.Raw.Length));
                }
            }
        }

        return scan;
    }
}
