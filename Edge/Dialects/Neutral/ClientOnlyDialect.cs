using System.Text.Json;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Neutral;

/// <summary>A dialect that clients speak and no provider does.</summary>
internal abstract class ClientOnlyDialect : Dialect
{
    public sealed override string PathOf(string model, bool isStreamed) => throw NoProvider();

    public sealed override (string Name, string Value) Credential(string credential) => throw NoProvider();

    public sealed override void WriteRequest(Conversation conversation, Uri? address, Utf8JsonWriter writer, Losses losses) => throw NoProvider();

    public sealed override Answer ReadAnswer(Json body, Losses losses) => throw NoProvider();

    public sealed override EventReader ReadStream(Losses losses) => throw NoProvider();

    public sealed override Failure ReadFailure(int status, ReadOnlyMemory<byte> body) => throw NoProvider();

    public sealed override AnswerFacts ReadFacts(ReadOnlySpan<byte> json) => throw NoProvider();

    public sealed override byte[] WriteEnding(in StreamCut cut) => throw NoProvider();

    private InvalidOperationException NoProvider() => new($"No provider speaks the dialect {Name}.");
}
