using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>A dialect that providers speak and no client does.</summary>
internal abstract class ProviderOnlyDialect : Dialect
{
    public override (string Name, string Value) Credential(string credential) => ("Authorization", $"Bearer {credential}");

    public override Failure ReadFailure(int status, ReadOnlyMemory<byte> body) => ChatFailures.Read(status, body);

    public override AnswerFacts ReadWholeFacts(ReadOnlySpan<byte> json) => ReadFacts(json);

    public sealed override Conversation ReadRequest(Json body, Losses losses) => throw NoClient();

    public sealed override void WriteAnswer(Answer answer, Asked asked, Utf8JsonWriter writer, Losses losses) => throw NoClient();

    public sealed override EventWriter WriteStream(Asked asked, Losses losses) => throw NoClient();

    public sealed override byte[] WriteFailure(Failure failure, string? requestId) => throw NoClient();

    public sealed override byte[] WriteFailureEvent(Failure failure) => throw NoClient();

    public sealed override byte[] WriteEnding(in StreamCut cut) => throw NoClient();

    private InvalidOperationException NoClient() => new($"No client speaks the dialect {Name}.");
}
