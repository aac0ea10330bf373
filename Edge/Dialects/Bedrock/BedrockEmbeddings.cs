using System.Text.Json;
using Sluice.Edge.Dialects.Cohere;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Dialects.Bedrock;

/// <summary>
/// Embeddings of models on Bedrock, which has no common form for them: Cohere's are asked as Cohere is, all others as Amazon's Titan, a text at a time
/// (https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html).
/// </summary>
internal sealed class BedrockEmbeddings() : ProviderOnlyEmbeddings("bedrock")
{
    private const string OfCohere = "cohere";
    private const string OfTitan = "titan";

    private readonly CohereEmbeddings _cohere = new("bedrock");

    // A profile's id has its region before the maker, as us.cohere.embed-v4:0.
    public override string WayTo(string model, Uri? address, string? asked) => model.Contains("cohere.", StringComparison.Ordinal) ? OfCohere : OfTitan;

    public override string PathOf(string model, string way) => $"/model/{Uri.EscapeDataString(model)}/invoke";

    public override void Write(EmbeddingsRequest request, string model, string way, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        if (way is OfCohere)
        {
            _cohere.WriteFields(request, writer, losses);
        }
        else
        {
            var text = request.Texts is [var only] ? only : throw new DialectFaultException($"The model '{model}' embeds one text at a time on Bedrock.", request.Texts[1].Text);
            text.Text.WriteTo(writer, "inputText"u8);
            request.Dimensions.WriteTo(writer, "dimensions"u8);
            losses.Add(text.Task, NoCounterpart);
            losses.Add(text.Title, NoCounterpart);
            if (request.Truncates.IsTrue)
            {
                losses.Add(request.Truncates, "a text that is too long is an error of this model's");
            }
        }

        writer.WriteEndObject();
    }

    public override IReadOnlyList<Json> ReadAnswer(Json body) => body.Find("embedding"u8) is { IsList: true } one ? [one] : _cohere.ReadAnswer(body);

    public override AnswerFacts ReadFacts(ReadOnlySpan<byte> json) => FieldFacts.Read(json, ReadField);

    private static void ReadField(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        var (isCount, isAnswer) = (reader.Is("inputTextTokenCount"u8), reader.Is("embedding"u8) || reader.Is("embeddings"u8));
        reader.Read();
        facts.Usage = isCount && TokenUsage.CountAt(reader) is { } count ? new TokenCounts { Input = count } : facts.Usage;
        facts.TextBytes += isAnswer ? 1 : 0;
        reader.Skip();
    }
}
