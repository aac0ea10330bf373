using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Edge.Dialects.Translation;

/// <summary>Embeddings for OpenAI's callers by providers of Gemini's dialect, as the table of docs/dialects.md says.</summary>
public sealed class EmbeddingsTests
{
    private static readonly Uri Google = new("https://generativelanguage.googleapis.com/v1beta");
    private static readonly Uri Vertex = new("https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4/publishers/google");

    public static TheoryData<string, string, string> Rows { get; } = new(ReadRows());

    [Fact]
    public void The_table_is_read() => Assert.True(Rows.Count > 6);

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_field_is_carried_refused_or_lost_as_the_page_says(string field, string example, string what)
    {
        var body = JsonNode.Parse("""{"model":"m","input":"Hello"}""")!.AsObject();
        foreach (var (name, value) in JsonNode.Parse($"{{{example}}}")!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        var text = body.ToJsonString();
        if (what is "refused")
        {
            var fault = Assert.Throws<DialectFaultException>(() => Translate(text, Google));
            Assert.Equal(field, fault.FieldIn(Json.OfBody(Encoding.UTF8.GetBytes(text))));
            return;
        }

        Assert.StartsWith(what is "lost" ? $"{field}: " : "", Translate(text, Google).Lost, StringComparison.Ordinal);
        Assert.Equal(what is "lost", Translate(text, Google).Lost.Length > 0);
    }

    [Fact]
    public void Google_and_Vertex_have_forms_of_their_own()
    {
        const string Body = """{"model":"m","input":["a\u0022","b"],"dimensions":8}""";
        Assert.Equal(
            """{"requests":[{"model":"models/emb","content":{"parts":[{"text":"a\u0022"}]},"outputDimensionality":8},{"model":"models/emb","content":{"parts":[{"text":"b"}]},"outputDimensionality":8}]}""",
            Translate(Body, Google).Sent);
        Assert.Equal("""{"instances":[{"content":"a\u0022"},{"content":"b"}],"parameters":{"autoTruncate":false,"outputDimensionality":8}}""", Translate(Body, Vertex).Sent);
        Assert.Equal(("/models/emb:batchEmbedContents", "/models/emb:predict"), (DialectTable.Gemini.EmbeddingsPathOf("emb", Google), DialectTable.Gemini.EmbeddingsPathOf("emb", Vertex)));
    }

    [Theory]
    [InlineData("""{"embeddings":[{"values":[0.5,-1]},{"values":[2e-3]}],"usageMetadata":{"promptTokenCount":7}}""", 7L)]
    [InlineData("""{"predictions":[{"embeddings":{"values":[0.5,-1],"statistics":{"truncated":false,"token_count":3}}},{"embeddings":{"values":[2e-3],"statistics":{"token_count":4.0}}}]}""", 7L)]
    [InlineData("""{"embeddings":[{"values":[0.5,-1]},{"values":[2e-3]}]}""", null)]
    public void Both_are_read_with_what_they_tell_of_usage(string answer, long? tokens)
    {
        var bytes = Encoding.UTF8.GetBytes(answer);
        Assert.Equal(["[0.5,-1]", "[2e-3]"], DialectTable.Gemini.ReadEmbeddings(Json.OfBody(bytes)).Select(e => e.ToString()));
        Assert.Equal(tokens, DialectTable.Gemini.ReadEmbeddingsFacts(bytes).Usage?.Input);
        Assert.Equal(2, DialectTable.Gemini.ReadEmbeddingsFacts(bytes).TextBytes);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"embeddings":[]}""")]
    [InlineData("""{"embeddings":[{"values":1}]}""")]
    [InlineData("""{"embeddings":7}""")]
    public void What_is_no_answer_is_told_so(string answer) =>
        Assert.Throws<DialectFaultException>(() => DialectTable.Gemini.ReadEmbeddings(Json.OfBody(Encoding.UTF8.GetBytes(answer))));

    private static (string Sent, string Lost) Translate(string body, Uri address)
    {
        var losses = new Losses { Source = Json.OfBody(Encoding.UTF8.GetBytes(body)) };
        var request = EmbeddingsReader.Read(losses.Source, DialectTable.Gemini, losses);
        var sent = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(sent, JsonText.Options))
        {
            DialectTable.Gemini.WriteEmbeddings(request, "emb", address, writer);
        }

        return (Encoding.UTF8.GetString(sent.WrittenSpan), losses.ToString());
    }

    private static IEnumerable<TheoryDataRow<string, string, string>> ReadRows() => File.ReadLines(Path.Combine(Repository.Root, "docs", "dialects.md"))
        .SkipWhile(line => !line.StartsWith("### Embeddings: openai to gemini", StringComparison.Ordinal)).Skip(1)
        .TakeWhile(line => !line.StartsWith('#'))
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        .Select(cells => new TheoryDataRow<string, string, string>(cells[1].Split('`')[1], cells[2].Trim('`'), cells[3]));
}
