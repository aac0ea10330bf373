using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Anthropic;

/// <summary>Anthropic's messages.</summary>
internal sealed class AnthropicDialect : Dialect
{
    /// <summary>An event that its streams have at any place.</summary>
    public static byte[] Ping { get; } = [.. "event: ping\ndata: {\"type\":\"ping\"}\n\n"u8];

    public override string Name => "anthropic";

    public override byte[]? KeepAlive => Ping;

    public override int StatusOf(int status) => status;

    public override string PathOf(string model, bool isStreamed) => "/messages";

    public override string CountPathOf(string model) => "/messages/count_tokens";

    public override bool AsksForCap => true;

    public override bool TellsUsageInParts => true;

    // Its own words around tools: 530 at most, as documented, and a little.
    public override long AddedTokens => 1024;

    public override string RequestIdHeader => "request-id";

    public override (string Name, string Value)? Version => ("anthropic-version", "2023-06-01");

    public override (string Name, string Value) Credential(string credential) => ("x-api-key", credential);

    public override TokenCounts? Merge(TokenCounts? before, TokenCounts? now) => MessageFacts.Merge(before, now);

    public override Conversation ReadRequest(Json body, Losses losses) => MessagesRequestReader.Read(body);

    public override void PutPrompt(RenderedPrompt prompt, JsonObject body) => MessagesPrompt.Put(prompt, body);

    public override void WriteRequest(Conversation conversation, Uri? address, Utf8JsonWriter writer, Losses losses) => MessagesRequestWriter.Write(conversation, writer, losses);

    public override Answer ReadAnswer(Json body, Losses losses) => MessageReader.Read(body);

    public override void WriteAnswer(Answer answer, Asked asked, Utf8JsonWriter writer, Losses losses) => MessageWriter.Write(answer, writer, losses);

    public override EventReader ReadStream(Losses losses) => new MessageEventReader(losses);

    public override EventWriter WriteStream(Asked asked, Losses losses) => new MessageEventWriter(losses);

    public override Failure ReadFailure(int status, ReadOnlyMemory<byte> body) =>
        Json.TryRead(body, out _) is { IsNothing: false } json ? AnthropicErrors.Read(status, json) : ChatFailures.Read(status, body);

    public override byte[] WriteFailure(Failure failure, string? requestId) => AnthropicErrors.Write(failure.Status, failure.Message, requestId);

    public override byte[] WriteFailureEvent(Failure failure) => AnthropicErrors.WriteEvent(failure.Status, failure.Message);

    public override AnswerFacts ReadFacts(ReadOnlySpan<byte> json) => MessageFacts.Read(json);

    public override bool OpensPart(ReadOnlySpan<byte> json) => json.IndexOf("\"content_block_start\""u8) >= 0;

    public override RequestScan Scan(ReadOnlyMemory<byte> body, string? path, out RequestFault? fault) => RequestScan.Read(body.Span, InputField.Messages, out fault);

    public override byte[] WriteEnding(in StreamCut cut) => MessageEnding.Write(cut);
}
