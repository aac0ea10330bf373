using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Ollama;

/// <summary>Ollama's own embeddings: https://docs.ollama.com/api/embed.</summary>
internal sealed class OllamaEmbeddings() : ProviderOnlyEmbeddings("ollama")
{
    public override string WayTo(string model, Uri? address, string? asked) => "/api/embed";

    public override string PathOf(string model, string way) => way;

    public override void Write(EmbeddingsRequest request, string model, string way, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        writer.WriteString("model"u8, model);
        writer.WriteStartArray("input"u8);
        foreach (var text in request.Texts)
        {
            text.Text.WriteTo(writer);
            losses.Add(text.Task, NoCounterpart);
            losses.Add(text.Title, NoCounterpart);
        }

        writer.WriteEndArray();
        request.Truncates.WriteTo(writer, "truncate"u8);
        request.Dimensions.WriteTo(writer, "dimensions"u8);
        writer.WriteEndObject();
    }

    public override IReadOnlyList<Json> ReadAnswer(Json body) => ListsOf(body.Find("embeddings"u8));

    public override AnswerFacts ReadFacts(ReadOnlySpan<byte> json) => OllamaFacts.Read(json);
}
