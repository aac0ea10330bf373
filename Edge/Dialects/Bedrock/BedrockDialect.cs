using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Bedrock;

/// <summary>Bedrock's Converse, which providers alone speak. Fields: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html.</summary>
internal sealed class BedrockDialect : ProviderOnlyDialect
{
    public override string Name => "bedrock";

    // Some models add words of their own around tools, as Anthropic's do.
    public override long AddedTokens => 1024;

    public override EmbeddingsDialect Embeddings { get; } = new BedrockEmbeddings();

    protected override string HeaderPrefix => "x-amz";

    public override string PathOf(string model, bool isStreamed) => $"/model/{Uri.EscapeDataString(model)}/{(isStreamed ? "converse-stream" : "converse")}";

    /// <summary>The id and secret of an access key sign it; a key of Bedrock's own is shown.</summary>
    public override bool Signs(string credential) => credential.Contains(':', StringComparison.Ordinal);

    public override IReadOnlyList<(string Name, string Value)> Sign(string credential, Uri address, ReadOnlySpan<byte> body, DateTimeOffset now) => RequestSignature.Sign(credential, address, body, now);

    public override Func<StreamFraming> Framing => static () => new EventStreamFraming();

    public override void WriteRequest(Conversation conversation, Uri? address, Utf8JsonWriter writer, Losses losses) => ConverseRequestWriter.Write(conversation, writer, losses);

    public override Answer ReadAnswer(Json body, Losses losses) => ConverseAnswerReader.Read(body);

    public override EventReader ReadStream(Losses losses) => new ConverseEventReader(losses);

    public override AnswerFacts ReadFacts(ReadOnlySpan<byte> json) => ConverseFacts.Read(json);

    public override RequestScan Scan(ReadOnlyMemory<byte> body, string? path, out RequestFault? fault) => ConverseScan.Read(body, out fault);
}
