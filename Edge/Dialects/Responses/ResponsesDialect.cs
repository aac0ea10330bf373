using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Responses;

/// <summary>OpenAI's responses. What the provider keeps between requests (<c>previous_response_id</c> and the like) only a provider of this dialect can give.</summary>
internal sealed class ResponsesDialect : Dialect
{
    public override string Name => "responses";

    public override string PathOf(string model, bool isStreamed) => "/responses";

    protected override string HeaderPrefix => "openai";

    public override (string Name, string Value) Credential(string credential) => DialectTable.OpenAI.Credential(credential);

    public override Conversation ReadRequest(Json body, Losses losses) => ResponseRequestReader.Read(body);

    public override void PutPrompt(RenderedPrompt prompt, JsonObject body) => ResponsePrompt.Put(prompt, body);

    public override void WriteRequest(Conversation conversation, Uri? address, Utf8JsonWriter writer, Losses losses) => ResponseRequestWriter.Write(conversation, writer, losses);

    public override Answer ReadAnswer(Json body, Losses losses) => ResponseReader.Read(body);

    public override void WriteAnswer(Answer answer, Asked asked, Utf8JsonWriter writer, Losses losses) => ResponseWriter.Write(answer, asked, writer, losses);

    public override EventReader ReadStream(Losses losses) => new ResponseEventReader(losses);

    public override EventWriter WriteStream(Asked asked, Losses losses) => new ResponseEventWriter(asked, losses);

    public override Failure ReadFailure(int status, ReadOnlyMemory<byte> body) => ChatFailures.Read(status, body);

    public override byte[] WriteFailure(Failure failure, string? requestId) => OpenAIErrors.Write(failure.Status, failure.Message, failure.Code, failure.Field);

    public override byte[] WriteFailureEvent(Failure failure) => ResponseEnding.WriteError(failure);

    public override AnswerFacts ReadFacts(ReadOnlySpan<byte> json) => ResponseFacts.Read(json);

    public override bool OpensPart(ReadOnlySpan<byte> json) => false;

    public override RequestScan Scan(ReadOnlyMemory<byte> body, string? path, out RequestFault? fault) => RequestScan.Read(body.Span, InputField.Items, out fault);

    public override byte[] WriteEnding(in StreamCut cut) => ResponseEnding.Write(cut);
}
