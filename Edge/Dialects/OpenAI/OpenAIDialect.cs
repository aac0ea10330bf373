using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>OpenAI's chat completions, as clients send them and as the many compatible providers take them.</summary>
internal sealed class OpenAIDialect : Dialect
{
    public override string Name => "openai";

    public override string PathOf(string model, bool isStreamed) => "/chat/completions";

    public override EmbeddingsDialect Embeddings { get; } = new OpenAIEmbeddings();

    public override bool HidesUsage => true;

    public override (string Name, string Value) Credential(string credential) => ("Authorization", $"Bearer {credential}");

    public override Conversation ReadRequest(Json body, Losses losses) => ChatRequestReader.Read(body);

    public override void PutPrompt(RenderedPrompt prompt, JsonObject body) => ChatPrompt.Put(prompt, body);

    public override void WriteRequest(Conversation conversation, Uri? address, Utf8JsonWriter writer, Losses losses) =>
        ChatRequestWriter.Write(conversation, address, writer, losses);

    public override Answer ReadAnswer(Json body, Losses losses) => ChatAnswerReader.Read(body);

    public override void WriteAnswer(Answer answer, Asked asked, Utf8JsonWriter writer, Losses losses) => ChatAnswerWriter.Write(answer, asked, writer, losses);

    public override EventReader ReadStream(Losses losses) => new ChatEventReader();

    public override EventWriter WriteStream(Asked asked, Losses losses) => new ChatEventWriter(asked, losses);

    public override Failure ReadFailure(int status, ReadOnlyMemory<byte> body) => ChatFailures.Read(status, body);

    // Of Anthropic's own.
    public override byte[] WriteFailure(Failure failure, string? requestId) => OpenAIErrors.Write(failure.Status, failure.Message, failure.Code, failure.Field);

    public override byte[] WriteFailureEvent(Failure failure) => OpenAIErrors.WriteEvent(failure.Status, failure.Message, failure.Code);

    public override AnswerFacts ReadFacts(ReadOnlySpan<byte> json) => AnswerFacts.Read(json);

    public override RequestScan Scan(ReadOnlyMemory<byte> body, string? path, out RequestFault? fault) => RequestScan.Read(body.Span, InputField.Messages, out fault);

    public override byte[] WriteEnding(in StreamCut cut) => StreamEnding.Write(cut.Last.Span, cut.Answers, cut.Finished, cut.Usage);
}
