using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Edge.Access;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>Gemini's <c>generateContent</c>, as Google's own API and Vertex take it.</summary>
internal sealed class GeminiDialect : Dialect
{
    public override string Name => "gemini";

    public override bool TellsUsageInParts => true;

    public override bool TakesKeyInQuery => true;

    protected override string HeaderPrefix => "x-goog";

    public override string PathOf(string model, bool isStreamed) => PathStart(model) + (isStreamed ? ":streamGenerateContent?alt=sse" : ":generateContent");

    public override string CountPathOf(string model) => PathStart(model) + ":countTokens";

    public override EmbeddingsDialect Embeddings { get; } = new GeminiEmbeddings();

    public override (string Name, string Value) Credential(string credential) => ("x-goog-api-key", credential);

    /// <summary>The JSON key of a service account, as Vertex asks for.</summary>
    public override bool Exchanges(string credential) => ServiceAccountKey.IsMeant(credential);

    public override Conversation ReadRequest(Json body, Losses losses) => GenerateRequestReader.Read(body);

    public override void PutPrompt(RenderedPrompt prompt, JsonObject body) => GeneratePrompt.Put(prompt, body);

    public override void WriteRequest(Conversation conversation, Uri? address, Utf8JsonWriter writer, Losses losses) => GenerateRequestWriter.Write(conversation, writer, losses);

    public override Answer ReadAnswer(Json body, Losses losses) => GenerateAnswerReader.Read(body, losses);

    public override void WriteAnswer(Answer answer, Asked asked, Utf8JsonWriter writer, Losses losses) => GenerateAnswerWriter.Write(answer, writer, losses);

    public override EventReader ReadStream(Losses losses) => new GenerateEventReader(losses);

    public override EventWriter WriteStream(Asked asked, Losses losses) => new GenerateEventWriter(losses);

    public override Failure ReadFailure(int status, ReadOnlyMemory<byte> body) => GeminiErrors.Read(status, body);

    // Of Anthropic's own.
    public override byte[] WriteFailure(Failure failure, string? requestId) => GeminiErrors.Write(failure.Status, failure.Message);

    // Its streams may be a list, and its clients read every line as an event.
    public override byte[]? KeepAlive => null;

    public override TimeSpan? ReadRetryDelay(ReadOnlyMemory<byte> body) => GeminiErrors.ReadRetryDelay(body);

    public override byte[] WriteFailureEvent(Failure failure) => [.. "data: "u8, .. GeminiErrors.Write(failure.Status, failure.Message), .. "\n\n"u8];

    public override AnswerFacts ReadFacts(ReadOnlySpan<byte> json) => GenerateFacts.Read(json);

    public override AnswerFacts ReadWholeFacts(ReadOnlySpan<byte> json) => ReadFacts(json);

    public override string WriteCount(long tokens) => string.Create(CultureInfo.InvariantCulture, $"{{\"totalTokens\":{tokens}}}");

    public override RequestScan Scan(ReadOnlyMemory<byte> body, string? path, out RequestFault? fault) => GenerateScan.Read(body, path, out fault);

    public override byte[] WriteEnding(in StreamCut cut) => GenerateEnding.Write(cut);

    /// <summary>The begin of a path of a model's. A name may be of another kind than models, as <c>tunedModels/mine</c>.</summary>
    public static string PathStart(string model) =>
        model.Contains('/', StringComparison.Ordinal) ? $"/{string.Join('/', model.Split('/').Select(Uri.EscapeDataString))}" : $"/models/{Uri.EscapeDataString(model)}";
}
