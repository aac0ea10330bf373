using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Gemini;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Edge.Dialects.Translation;

/// <summary>Embeddings from one dialect to another, as the tables of docs/dialects.md say.</summary>
public sealed class EmbeddingsTests
{
    private const string OpenAIWay = "/embeddings";

    private static readonly Uri Google = new("https://generativelanguage.googleapis.com/v1beta");
    private static readonly Uri Vertex = new("https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4/publishers/google");

    public static TheoryData<string, string, string, string, string> Rows { get; } = new(ReadRows());

    [Fact]
    public void The_tables_are_read() => Assert.Equal(4, Rows.Select(row => (row.Data.Item1, row.Data.Item2)).Distinct().Count());

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_field_is_carried_refused_or_lost_as_the_page_says(string from, string to, string field, string example, string what)
    {
        var (client, provider) = (Named(from), Named(to));
        var body = JsonNode.Parse(from is "openai" ? """{"model":"m","input":"Hello"}""" : """{"model":"models/m","content":{"parts":[{"text":"Hello"}]}}""")!.AsObject();
        foreach (var (name, value) in JsonNode.Parse($"{{{example}}}")!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        var text = body.ToJsonString();
        var asked = from is "openai" ? OpenAIWay : GeminiEmbeddings.One;
        var way = provider.Embeddings!.WayTo("m", null, null);
        if (what is "refused")
        {
            var fault = Assert.Throws<DialectFaultException>(() => Translate(text, client, asked, provider, way));
            Assert.Equal(field, fault.FieldIn(Of(text)));
            return;
        }

        var lost = Translate(text, client, asked, provider, way).Lost;
        Assert.StartsWith(what is "lost" ? $"{field}: " : "", lost, StringComparison.Ordinal);
        Assert.Equal(what is "lost", lost.Length > 0);
    }

    [Fact]
    public void Google_and_Vertex_have_forms_of_their_own()
    {
        const string Body = """{"model":"m","input":["a\u0022","b"],"dimensions":8}""";
        Assert.Equal(
            """{"requests":[{"model":"models/emb","content":{"parts":[{"text":"a\u0022"}]},"outputDimensionality":8},{"model":"models/emb","content":{"parts":[{"text":"b"}]},"outputDimensionality":8}]}""",
            FromOpenAI(Body, GeminiEmbeddings.Several).Sent);
        Assert.Equal("""{"instances":[{"content":"a\u0022"},{"content":"b"}],"parameters":{"autoTruncate":false,"outputDimensionality":8}}""", FromOpenAI(Body, GeminiEmbeddings.Predict).Sent);
        Assert.Equal(
            """{"content":{"parts":[{"text":"a"}]},"embedContentConfig":{"autoTruncate":false,"outputDimensionality":8}}""",
            FromOpenAI("""{"model":"m","input":["a"],"dimensions":8}""", GeminiEmbeddings.One).Sent);
        Assert.Throws<DialectFaultException>(() => FromOpenAI(Body, GeminiEmbeddings.One));
    }

    [Fact]
    public void Each_model_is_asked_by_its_own_way_and_by_the_callers_where_it_is_one()
    {
        var gemini = DialectTable.Gemini.Embeddings!;
        Assert.Equal([":batchEmbedContents", ":embedContent", ":batchEmbedContents"], new[] { null, ":embedContent", ":predict" }.Select(asked => gemini.WayTo("emb", Google, asked)));
        Assert.Equal([":predict", ":predict", ":embedContent"], new[] { "text-embedding-005", "gemini-embedding-001", "gemini-embedding-2" }.Select(model => gemini.WayTo(model, Vertex, ":embedContent")));
        Assert.Equal(("/models/emb:predict", "/tunedModels/e:embedContent"), (gemini.PathOf("emb", ":predict"), gemini.PathOf("tunedModels/e", ":embedContent")));
    }

    [Fact]
    public void Tasks_and_titles_go_from_each_of_Googles_forms_to_the_other()
    {
        const string Batch = """{"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]},"taskType":"RETRIEVAL_DOCUMENT","title":"T"},{"model":"models/m","content":{"parts":[{"text":"b"}]},"embedContentConfig":{"taskType":"CLUSTERING","outputDimensionality":8}}]}""";
        Assert.Equal(
            ("""{"instances":[{"content":"a","task_type":"RETRIEVAL_DOCUMENT","title":"T"},{"content":"b","task_type":"CLUSTERING"}],"parameters":{"outputDimensionality":8}}""", ""),
            FromGemini(Batch, GeminiEmbeddings.Several, DialectTable.Gemini, GeminiEmbeddings.Predict));
        Assert.Equal(
            ("""{"requests":[{"model":"models/emb","content":{"parts":[{"text":"a"}]},"taskType":"CLUSTERING","outputDimensionality":8}]}""", ""),
            FromGemini("""{"instances":[{"content":"a","task_type":"CLUSTERING"}],"parameters":{"outputDimensionality":8,"autoTruncate":false}}""", GeminiEmbeddings.Predict, DialectTable.Gemini, GeminiEmbeddings.Several));
    }

    [Fact]
    public void What_a_provider_is_told_once_must_be_the_same_for_all()
    {
        const string Body = """{"requests":[{"content":{"parts":[{"text":"a"}]},"outputDimensionality":8},{"content":{"parts":[{"text":"b"}]},"outputDimensionality":9}]}""";
        var fault = Assert.Throws<DialectFaultException>(() => FromGemini(Body, GeminiEmbeddings.Several, DialectTable.OpenAI, OpenAIWay));
        Assert.Equal("requests[1].outputDimensionality", fault.FieldIn(Of(Body)));
    }

    [Theory]
    [InlineData("""{"embeddings":[{"values":[0.5,-1]},{"values":[2e-3]}],"usageMetadata":{"promptTokenCount":7}}""", 7L)]
    [InlineData("""{"predictions":[{"embeddings":{"values":[0.5,-1],"statistics":{"truncated":false,"token_count":3}}},{"embeddings":{"values":[2e-3],"statistics":{"token_count":4.0}}}]}""", 7L)]
    [InlineData("""{"embeddings":[{"values":[0.5,-1]},{"values":[2e-3]}]}""", null)]
    public void All_of_Googles_answers_are_read_with_what_they_tell_of_usage(string answer, long? tokens)
    {
        var gemini = DialectTable.Gemini.Embeddings!;
        Assert.Equal(["[0.5,-1]", "[2e-3]"], gemini.ReadAnswer(Of(answer)).Select(e => e.ToString()));
        Assert.Equal(tokens, gemini.ReadFacts(Encoding.UTF8.GetBytes(answer)).Usage?.Input);
        Assert.Equal(2, gemini.ReadFacts(Encoding.UTF8.GetBytes(answer)).TextBytes);
        Assert.Equal("[1]", Assert.Single(gemini.ReadAnswer(Of("""{"embedding":{"values":[1]},"usageMetadata":{"promptTokenCount":3}}"""))).ToString());
    }

    [Fact]
    public void OpenAIs_answers_are_read_in_the_order_of_their_indices() =>
        Assert.Equal(["[1]", "[2]"], DialectTable.OpenAI.Embeddings!.ReadAnswer(Of("""{"data":[{"index":1,"embedding":[2]},{"index":0,"embedding":[1]}]}""")).Select(e => e.ToString()));

    [Theory]
    [InlineData("openai", """{"data":[{"embedding":"AACAPwAAAEA="}],"usage":{"total_tokens":4}}""", 4L)]
    [InlineData("cohere", """{"id":"a","embeddings":{"float":[[1,2]]},"texts":["a"],"meta":{"api_version":{"version":"2"},"billed_units":{"input_tokens":4}},"response_type":"embeddings_by_type"}""", 4L)]
    [InlineData("ollama", """{"model":"m","embeddings":[[1,2]],"total_duration":14,"load_duration":1,"prompt_eval_count":4}""", 4L)]
    [InlineData("bedrock", """{"embedding":[1,2],"inputTextTokenCount":4}""", 4L)]
    [InlineData("bedrock", """{"embeddings":[[1,2]],"id":"a","response_type":"embeddings_floats","texts":["a"]}""", null)]
    public void Each_providers_answer_is_read_with_what_it_tells_of_usage(string dialect, string answer, long? tokens)
    {
        var embeddings = Named(dialect).Embeddings!;
        var facts = embeddings.ReadFacts(Encoding.UTF8.GetBytes(answer));
        Assert.Equal("[1,2]", Assert.Single(embeddings.ReadAnswer(Of(answer))).ToString());
        Assert.Equal((tokens, tokens is null), (facts.Usage?.Input, facts.Usage is null && facts.TextBytes > 0));
    }

    [Fact]
    public void Other_providers_are_asked_in_their_own_words()
    {
        const string Body = """{"model":"m","input":["a","b"],"dimensions":8,"input_type":"query"}""";
        Assert.Equal(
            ("""{"model":"emb","texts":["a","b"],"input_type":"search_query","embedding_types":["float"],"output_dimension":8,"truncate":"NONE"}""", ""),
            Translate(Body, DialectTable.OpenAI, OpenAIWay, DialectTable.Cohere, "/embed"));
        Assert.Equal(
            ("""{"texts":["a","b"],"input_type":"search_query","embedding_types":["float"],"output_dimension":8,"truncate":"NONE"}""", ""),
            Translate(Body, DialectTable.OpenAI, OpenAIWay, DialectTable.Bedrock, DialectTable.Bedrock.Embeddings!.WayTo("eu.cohere.embed-v4:0", null, null)));
        Assert.Equal(
            ("""{"model":"emb","input":["a","b"],"truncate":false,"dimensions":8}""", "input_type: it has no counterpart in the dialect ollama"),
            Translate(Body, DialectTable.OpenAI, OpenAIWay, DialectTable.Ollama, "/api/embed"));
        var titan = DialectTable.Bedrock.Embeddings!.WayTo("amazon.titan-embed-text-v2:0", null, null);
        Assert.Equal(("""{"inputText":"a","dimensions":8}""", ""), Translate("""{"model":"m","input":["a"],"dimensions":8}""", DialectTable.OpenAI, OpenAIWay, DialectTable.Bedrock, titan));
        Assert.Throws<DialectFaultException>(() => Translate(Body, DialectTable.OpenAI, OpenAIWay, DialectTable.Bedrock, titan));
        Assert.Equal("/model/amazon.titan-embed-text-v2%3A0/invoke", DialectTable.Bedrock.Embeddings!.PathOf("amazon.titan-embed-text-v2:0", titan));
    }

    [Theory]
    [InlineData(":embedContent", "[1]", """{"embedding":{"values":[1]},"usageMetadata":{"promptTokenCount":5}}""")]
    [InlineData(":batchEmbedContents", "[1] [2]", """{"embeddings":[{"values":[1]},{"values":[2]}],"usageMetadata":{"promptTokenCount":5}}""")]
    [InlineData(":predict", "[1] [2]", """{"predictions":[{"embeddings":{"values":[1]}},{"embeddings":{"values":[2]}}],"usageMetadata":{"promptTokenCount":5}}""")]
    public void Geminis_clients_are_answered_in_the_form_they_asked_for(string way, string embeddings, string expected)
    {
        var numbers = embeddings.Split(' ').Select(e => new Json(Encoding.UTF8.GetBytes(e), -1)).ToArray();
        Assert.Equal(expected, Written(writer => DialectTable.Gemini.Embeddings!.WriteAnswer(numbers, new EmbeddingsCall(way, OpenAIWay, IsTranslated: true), "m", 5, writer)));
    }

    [Theory]
    [InlineData("gemini", "{}")]
    [InlineData("gemini", """{"embeddings":[]}""")]
    [InlineData("gemini", """{"embeddings":[{"values":1}]}""")]
    [InlineData("gemini", """{"embeddings":7}""")]
    [InlineData("gemini", """{"embedding":{}}""")]
    [InlineData("openai", "{}")]
    [InlineData("openai", """{"data":[]}""")]
    [InlineData("openai", """{"data":[{"embedding":"AAAA"}]}""")]
    [InlineData("openai", """{"data":[{"embedding":"AADAfw=="}]}""")]
    [InlineData("cohere", """{"embeddings":{"int8":[[1]]}}""")]
    [InlineData("ollama", """{"embeddings":[1]}""")]
    [InlineData("bedrock", """{"embedding":"AAAA"}""")]
    [InlineData("openai", """{"data":[{"index":"x","embedding":[1]}]}""")]
    public void What_is_no_answer_is_told_so(string dialect, string answer) =>
        Assert.Throws<DialectFaultException>(() => Named(dialect).Embeddings!.ReadAnswer(Of(answer)));

    [Fact]
    public void A_passing_body_gets_the_providers_name_at_each_place_that_has_one()
    {
        const string Body = """{"requests":[{"model":"models/m","content":{"parts":[{"text":"models/m"}]},"odd":1},{"content":{"parts":[]}, "model" : "m"}]}""";
        var named = DialectTable.Gemini.Embeddings!.NameModel(Encoding.UTF8.GetBytes(Body), "emb", out var length);
        Assert.Equal("""{"requests":[{"model":"models/emb","content":{"parts":[{"text":"models/m"}]},"odd":1},{"content":{"parts":[]}, "model" : "models/emb"}]}""", Encoding.UTF8.GetString(named!, 0, length));
        Assert.Null(DialectTable.Gemini.Embeddings!.NameModel("""{"content":{"parts":[{"text":"a"}]}}"""u8.ToArray(), "emb", out _));
    }

    [Theory]
    [InlineData(":embedContent", """{"content":{"parts":[{"text":"a"}]}}""", null, null)]
    [InlineData(":embedContent", """{"model":"models/m","content":{"parts":[{"text":"a"}]}}""", null, null)]
    [InlineData(":embedContent", """{"model":"models/other","content":{"parts":[{"text":"a"}]}}""", "model", null)]
    [InlineData(":embedContent", "{}", "content", null)]
    [InlineData(":embedContent", "[]", null, null, true)]
    [InlineData(":embedContent", """{"content":{"parts":[{"fileData":{"fileUri":"f","mimeType":"video/mp4"}}]}}""", null, "content.parts[0]")]
    [InlineData(":batchEmbedContents", """{"requests":[{"content":{"parts":[{"text":"a"}]}},{"model":"x"}]}""", "requests[1].model", null)]
    [InlineData(":batchEmbedContents", """{"requests":[7]}""", "requests[0]", null)]
    [InlineData(":batchEmbedContents", """{"requests":{}}""", "requests", null)]
    [InlineData(":batchEmbedContents", """{"content":{}}""", "requests", null)]
    [InlineData(":predict", """{"instances":[{"content":"a"},{"image":{"gcsUri":"g"}}]}""", null, "instances[1].image")]
    public void A_clients_request_is_known_by_its_model_and_what_bounds_it(string way, string body, string? field, string? unbound, bool isNoObject = false)
    {
        var scan = DialectTable.Gemini.Embeddings!.Scan(Encoding.UTF8.GetBytes(body), $"/v1beta/models/m{way}", out var fault);
        Assert.Equal((field is not null || isNoObject, field), (fault is not null, fault?.Field));
        Assert.Equal(("\"m\"", unbound), (Encoding.UTF8.GetString(scan.ModelIn([])), scan.Input.UnboundPlace));
    }

    private static Dialect Named(string name) =>
        new[] { DialectTable.OpenAI, DialectTable.Gemini, DialectTable.Cohere, DialectTable.Ollama, DialectTable.Bedrock }.Single(d => string.Equals(d.Name, name, StringComparison.Ordinal));

    private static (string Sent, string Lost) FromOpenAI(string body, string way) => Translate(body, DialectTable.OpenAI, OpenAIWay, DialectTable.Gemini, way);

    private static (string Sent, string Lost) FromGemini(string body, string way, Dialect provider, string sent) => Translate(body, DialectTable.Gemini, way, provider, sent);

    private static (string Sent, string Lost) Translate(string body, Dialect client, string asked, Dialect provider, string way)
    {
        var losses = new Losses { Source = Of(body) };
        var request = client.Embeddings!.Read(losses.Source, asked, provider, losses);
        return (Written(writer => provider.Embeddings!.Write(request, "emb", way, writer, losses)), losses.ToString());
    }

    private static string Written(Action<Utf8JsonWriter> write)
    {
        var sent = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(sent, JsonText.Options))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(sent.WrittenSpan);
    }

    private static Json Of(string body) => Json.OfBody(Encoding.UTF8.GetBytes(body));

    private static IEnumerable<TheoryDataRow<string, string, string, string, string>> ReadRows()
    {
        string[]? ways = null;
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, "docs", "dialects.md")))
        {
            const string Heading = "### Embeddings: ";
            ways = line.StartsWith(Heading, StringComparison.Ordinal) ? line[Heading.Length..].Split(" to ") : line.StartsWith('#') ? null : ways;
            if (ways is not null && line.StartsWith("| `", StringComparison.Ordinal))
            {
                var cells = line.Split('|', StringSplitOptions.TrimEntries);
                yield return new TheoryDataRow<string, string, string, string, string>(ways[0], ways[1], cells[1].Split('`')[1], cells[2].Trim('`'), cells[3]);
            }
        }
    }
}
