using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>Embeddings as OpenAI has them, and the compatible providers: https://platform.openai.com/docs/api-reference/embeddings.</summary>
internal sealed class OpenAIEmbeddings : EmbeddingsDialect
{
    private const string Way = "/embeddings";

    public override string WayOf(string path) => Way;

    public override string WayTo(string model, Uri? address, string? asked) => Way;

    public override string PathOf(string model, string way) => way;

    public override RequestScan Scan(ReadOnlyMemory<byte> body, string path, out RequestFault? fault) => RequestScan.Read(body.Span, InputField.Input, out fault);

    public override EmbeddingsRequest Read(Json body, string way, Dialect provider, Losses losses) => EmbeddingsReader.Read(body, provider, losses);

    public override void WriteAnswer(IReadOnlyList<Json> embeddings, EmbeddingsCall asked, string model, long tokens, Utf8JsonWriter writer) =>
        EmbeddingsWriter.Write(embeddings, model, tokens, asked.IsBase64, writer);

    public override void Write(EmbeddingsRequest request, string model, string way, Utf8JsonWriter writer, Losses losses)
    {
        writer.WriteStartObject();
        writer.WriteString("model"u8, model);
        writer.WriteStartArray("input"u8);
        foreach (var text in request.Texts)
        {
            text.Text.WriteTo(writer);
            losses.Add(text.Task, "it has no counterpart in the dialect openai");
            losses.Add(text.Title, "it has no counterpart in the dialect openai");
        }

        writer.WriteEndArray();
        request.Dimensions.WriteTo(writer, "dimensions"u8);
        writer.WriteEndObject();
        if (request.Truncates.IsTrue)
        {
            losses.Add(request.Truncates, "a text that is too long is an error in the dialect openai");
        }
    }

    public override IReadOnlyList<Json> ReadAnswer(Json body)
    {
        var found = new List<(long Index, Json Numbers)>();
        for (var items = body.Find("data"u8).Items(); items.Next();)
        {
            var item = items.Value;
            found.Add((item.Find("index"u8).Whole() ?? found.Count, NumbersOf(item.Find("embedding"u8), item)));
        }

        return found.Count > 0 ? [.. found.OrderBy(e => e.Index).Select(e => e.Numbers)] : throw new DialectFaultException("'data' is missing.", "data");
    }

    public override AnswerFacts ReadFacts(ReadOnlySpan<byte> json) => AnswerFacts.ReadWhole(json);

    // Some compatible providers tell base64 unasked.
    private static Json NumbersOf(Json numbers, Json item)
    {
        var bytes = new byte[numbers.HasText ? numbers.Raw.Length : 0];
        if (bytes.Length == 0 || !Convert.TryFromBase64String(numbers.ForPerson(), bytes, out var length) || length == 0 || length % sizeof(float) != 0)
        {
            return numbers.IsList ? numbers : throw new DialectFaultException("'embedding' is no list of numbers.", item);
        }

        var written = new ArrayBufferWriter<byte>(length * 3);
        using (var writer = new Utf8JsonWriter(written))
        {
            writer.WriteStartArray();
            for (var at = 0; at < length; at += sizeof(float))
            {
                var number = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at));
                writer.WriteNumberValue(float.IsFinite(number) ? number : throw new DialectFaultException("'embedding' has what is no number.", item));
            }

            writer.WriteEndArray();
        }

        return new Json(written.WrittenMemory, -1);
    }
}
