using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Cohere;

/// <summary>Cohere's chat, version 2, which providers alone speak. Fields: https://docs.cohere.com/reference/chat.</summary>
internal sealed class CohereDialect : ProviderOnlyDialect
{
    public override string Name => "cohere";

    // Its own words around what is sent: some 500 are told for a sentence.
    public override long AddedTokens => 4096;

    public override EmbeddingsDialect Embeddings { get; } = new CohereEmbeddings("cohere");

    public override string PathOf(string model, bool isStreamed) => "/chat";

    public override void WriteRequest(Conversation conversation, Uri? address, Utf8JsonWriter writer, Losses losses) => CohereRequestWriter.Write(conversation, writer, losses);

    public override Answer ReadAnswer(Json body, Losses losses) => CohereAnswerReader.Read(body);

    public override EventReader ReadStream(Losses losses) => new CohereEventReader();

    public override AnswerFacts ReadFacts(ReadOnlySpan<byte> json) => CohereFacts.Read(json);

    public override RequestScan Scan(ReadOnlyMemory<byte> body, string? path, out RequestFault? fault) => RequestScan.Read(body.Span, InputField.Messages, out fault);
}
