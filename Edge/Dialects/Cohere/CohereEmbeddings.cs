using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Edge.Dialects.Cohere;

/// <summary>Cohere's embeddings, version 2 (https://docs.cohere.com/reference/embed), of its own API and of its models on Bedrock, which has them without the model's name.</summary>
/// <param name="name">The dialect's.</param>
internal sealed class CohereEmbeddings(string name) : ProviderOnlyEmbeddings(name)
{
    public override string WayTo(string model, Uri? address, string? asked) => "/embed";

    public override string PathOf(string model, string way) => way;

    public override void Write(EmbeddingsRequest request, string model, string way, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        writer.WriteString("model"u8, model);
        WriteFields(request, writer, losses);
        writer.WriteEndObject();
    }

    /// <summary>Writes all but the model's name.</summary>
    public void WriteFields(EmbeddingsRequest request, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartArray("texts"u8);
        foreach (var text in request.Texts)
        {
            text.Text.WriteTo(writer);
            losses.Add(text.Title, NoCounterpart);
        }

        writer.WriteEndArray();
        writer.WriteString("input_type"u8, TypeOf(request.Texts, losses));
        writer.WriteStartArray("embedding_types"u8);
        writer.WriteStringValue("float"u8);
        writer.WriteEndArray();
        request.Dimensions.WriteTo(writer, "output_dimension"u8);
        if (!request.Truncates.IsNothing)
        {
            writer.WriteString("truncate"u8, request.Truncates.IsTrue ? "END"u8 : "NONE"u8);
        }
    }

    public override IReadOnlyList<Json> ReadAnswer(Json body) => body.Find("embeddings"u8) is { IsObject: true } byType ? ListsOf(byType.Find("float"u8)) : ListsOf(body.Find("embeddings"u8));

    public override AnswerFacts ReadFacts(ReadOnlySpan<byte> json) => FieldFacts.Read(json, ReadField);

    private static void ReadField(ref Utf8JsonReader reader, ref AnswerFacts facts)
    {
        var (isMeta, isAnswer) = (reader.Is("meta"u8), reader.Is("embeddings"u8));
        reader.Read();
        if (isMeta)
        {
            facts.Usage = CohereUsage.Read(ref reader) ?? facts.Usage;
        }
        else
        {
            // Where no usage is told, that there was an answer is known by this.
            facts.TextBytes += isAnswer ? 1 : 0;
            reader.Skip();
        }
    }

    // It must be told, once for all: who does not say what for stores texts.
    private string TypeOf(IReadOnlyList<EmbeddedText> texts, Losses losses)
    {
        foreach (var text in texts)
        {
            if (!text.Task.Span.SequenceEqual(texts[0].Task.Span))
            {
                throw new DialectFaultException("It must be the same for all texts: this model's provider is told it once.", text.Task.IsNothing ? texts[0].Task : text.Task);
            }
        }

        var task = texts[0].Task;
        switch (task.ForPerson())
        {
            case "RETRIEVAL_QUERY" or "QUESTION_ANSWERING" or "FACT_VERIFICATION" or "CODE_RETRIEVAL_QUERY":
                return "search_query";
            case "CLASSIFICATION":
                return "classification";
            case "CLUSTERING":
                return "clustering";
            case "" or "RETRIEVAL_DOCUMENT" or "TASK_TYPE_UNSPECIFIED":
                return "search_document";
            default:
                losses.Add(task, NoCounterpart);
                return "search_document";
        }
    }
}
