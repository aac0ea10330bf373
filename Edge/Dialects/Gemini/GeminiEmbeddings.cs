using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Gemini;

/// <summary>
/// Embeddings as Google's own API has them, one (<c>:embedContent</c>) or several (<c>:batchEmbedContents</c>, https://ai.google.dev/api/embeddings), and as Vertex has them, of most models
/// by a form of its own (<c>:predict</c>, https://docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api).
/// </summary>
internal sealed class GeminiEmbeddings : EmbeddingsDialect
{
    /// <summary>One content, one embedding.</summary>
    public const string One = ":embedContent";

    /// <summary>Several requests as those of <see cref="One"/>.</summary>
    public const string Several = ":batchEmbedContents";

    /// <summary>Vertex's.</summary>
    public const string Predict = ":predict";

    public override string WayOf(string path) => path[path.LastIndexOf(':')..];

    public override string WayTo(string model, Uri? address, string? asked) =>
        address?.AbsolutePath.Contains("/publishers/", StringComparison.Ordinal) is true ? (TakesContents(model) ? One : Predict)
        : asked is One ? One
        : Several;

    public override string PathOf(string model, string way) => GeminiDialect.PathStart(model) + way;

    public override RequestScan Scan(ReadOnlyMemory<byte> body, string path, out RequestFault? fault) => EmbedScan.Read(body, path, out fault);

    public override EmbeddingsRequest Read(Json body, string way, Dialect provider, Losses losses) => new EmbedReader(provider, losses).Read(body, way);

    public override void WriteAnswer(IReadOnlyList<Json> embeddings, EmbeddingsCall asked, string model, long tokens, Utf8JsonWriter writer) => EmbedAnswer.Write(embeddings, asked.Asked, tokens, writer);

    public override void Write(EmbeddingsRequest request, string model, string way, Utf8JsonWriter writer, Losses losses) => EmbedProvider.Write(request, model, way, writer, losses);

    public override IReadOnlyList<Json> ReadAnswer(Json body) => EmbedAnswer.Read(body);

    public override AnswerFacts ReadFacts(ReadOnlySpan<byte> json) => EmbedAnswer.ReadFacts(json);

    public override byte[]? NameModel(ReadOnlyMemory<byte> body, string model, out int length) => EmbedScan.NameModel(body, model, out length);

    // As Google's own client tells them apart.
    private static bool TakesContents(string model) =>
        (model.Contains("gemini", StringComparison.Ordinal) && model is not "gemini-embedding-001") || model.Contains("maas", StringComparison.Ordinal);
}
