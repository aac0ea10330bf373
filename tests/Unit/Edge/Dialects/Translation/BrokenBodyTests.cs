using System.Text;
using System.Text.Json;
using CsCheck;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Edge.Dialects.Translation;

/// <summary>Bodies and streams that are broken in any way: what is wrong is told by the dialect's own fault, never by another exception.</summary>
public sealed class BrokenBodyTests
{
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1e400", "123456789012345678901234567890", "\"\"", "\"\\ud800\"", "\"data:;base64,\"", "\"a\"", "{}", "[]", "[null]", "[[]]", "[{}]", "{\"type\":\"text\"}", "[{\"type\":\"tool_use\"}]",
        "{\"url\":1}", "[{\"index\":-1}]", "[{\"index\":1e9,\"delta\":{\"content\":\"x\"},\"finish_reason\":1}]", "[{\"function\":{\"arguments\":{}}}]",
    ];

    private static readonly string[] Types = ["messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata", "throttlingException"];

    private static readonly string[] Seeds =
    [
        """{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}},{"type":"text","text":"a\u00e4"}]},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"c","content":"1"}],"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"tool_choice":"auto","stop":["a"],"max_tokens":9,"reasoning_effort":"low","response_format":{"type":"text"}}""",
        """{"model":"m","max_tokens":5,"system":"s","messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"a/b","data":"AA"},"citations":{"enabled":true}},{"type":"tool_result","tool_use_id":"c","content":[{"type":"text","text":"x"}]}]},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"tool_use","id":"c","name":"f","input":{"a":1}}]}],"tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"auto"},"thinking":{"type":"enabled","budget_tokens":1024}}""",
        """{"id":"a","choices":[{"index":0,"message":{"role":"assistant","content":"x","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{"}}],"reasoning_details":[{"text":"a"}],"annotations":[{"url_citation":{"url":"u"}}]},"finish_reason":"stop","logprobs":{}}],"usage":{"prompt_tokens":1}}""",
        """{"id":"a","type":"message","model":"m","content":[{"type":"text","text":"x","citations":[{"url":"u","title":"t"}]},{"type":"tool_use","id":"c","name":"f","input":{}},{"type":"redacted_thinking","data":"d"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}}""",
        """{"id":"a","choices":[{"index":0,"delta":{"content":"x","reasoning":"r","tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"{"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1},"error":null}""",
        """{"model":"m","instructions":"i","input":[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:image/png;base64,AA"},{"type":"input_file","file_data":"data:a/b;base64,AA"}]},{"type":"reasoning","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"e"},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"x"}]}],"tools":[{"type":"function","name":"f","parameters":{}}],"tool_choice":{"type":"function","name":"f"},"text":{"format":{"type":"text"}},"reasoning":{"effort":"low"},"max_output_tokens":9,"include":["reasoning.encrypted_content"]}""",
        """{"id":"a","object":"response","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"error":null,"model":"m","created_at":1,"output":[{"type":"message","content":[{"type":"output_text","text":"x","annotations":[{"type":"url_citation","url":"u","title":"t"}]},{"type":"refusal","refusal":"n"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"reasoning","summary":[],"encrypted_content":"e"}],"usage":{"input_tokens":1,"output_tokens":2}}""",
        """{"type":"response.created","sequence_number":0,"response":{"id":"a","model":"m","created_at":1,"output":[]}}""",
        """{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","call_id":"c","name":"f","arguments":""}}""",
        """{"type":"response.function_call_arguments.delta","output_index":0,"delta":"{"}""",
        """{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"x"}""",
        """{"type":"response.output_item.done","output_index":2,"item":{"type":"reasoning","summary":[{"text":"s"}],"encrypted_content":"e"}}""",
        """{"type":"response.completed","response":{"id":"a","status":"completed","output":[],"usage":{"input_tokens":1,"output_tokens":2}}}""",
        """{"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"a"},{"inlineData":{"mimeType":"image/png","data":"AA"}},{"inline_data":{"mime_type":"text/plain","data":"QUE="}},{"fileData":{"fileUri":"https://a/b.png","mimeType":"image/png"}}]},{"role":"model","parts":[{"text":"t","thought":true},{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"QUE="}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"x"},"parts":[{"inlineData":{"mimeType":"image/png","data":"AA"}}]}}]}],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true}}}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},"generationConfig":{"maxOutputTokens":9,"stopSequences":["a"],"thinkingConfig":{"thinkingBudget":1024},"responseSchema":{"type":"OBJECT"},"candidateCount":2}}""",
        """{"candidates":[{"content":{"parts":[{"text":"t","thought":true},{"text":"x","thoughtSignature":"s"},{"functionCall":{"name":"f","args":{}}},{"executableCode":{"code":"c"}}],"role":"model"},"finishReason":"STOP","index":0,"groundingMetadata":{"groundingChunks":[{"web":{"uri":"u","title":"t"}}]},"logprobsResult":{"chosenCandidates":[{"token":"a","logProbability":-1}],"topCandidates":[{"candidates":[{"token":"a","logProbability":-1}]}]}}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"promptTokensDetails":[{"modality":"TEXT","tokenCount":1}]},"modelVersion":"m","responseId":"r"}""",
        """{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","willContinue":true}},{"functionCall":{"partialArgs":[{"jsonPath":"$.a[0].b","stringValue":"x","willContinue":true}],"willContinue":true}},{"functionCall":{}}],"role":"model"},"index":0}]}""",
        """{"output":{"message":{"role":"assistant","content":[{"text":"x"},{"toolUse":{"toolUseId":"c","name":"f","input":{"a":1}}},{"reasoningContent":{"reasoningText":{"text":"t","signature":"s"}}},{"reasoningContent":{"redactedContent":"QQ=="}},{"citationsContent":{"content":[{"text":"c"}]}}]}},"stopReason":"tool_use","usage":{"inputTokens":1,"outputTokens":2,"cacheReadInputTokens":1,"cacheWriteInputTokens":1}}""",
        """{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"c","name":"f"}},"delta":{"text":"x","toolUse":{"input":"{"},"reasoningContent":{"text":"t"}},"stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":2},"message":"m"}""",
        """{"id":"a","finish_reason":"COMPLETE","message":{"role":"assistant","tool_plan":"p","content":[{"type":"text","text":"x"},{"type":"thinking","thinking":"t"}],"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}],"citations":[{"text":"x"}]},"usage":{"billed_units":{"input_tokens":1,"output_tokens":2},"tokens":{"input_tokens":1,"output_tokens":2},"cached_tokens":1}}""",
        """{"type":"tool-call-start","index":0,"delta":{"message":{"content":{"text":"x"},"tool_plan":"p","tool_calls":{"id":"c","type":"function","function":{"name":"f","arguments":"{"}}},"finish_reason":"COMPLETE","usage":{"tokens":{"input_tokens":1,"output_tokens":2}}}}""",
        """{"model":"m","message":{"role":"assistant","content":"x","thinking":"t","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},"done":true,"done_reason":"stop","prompt_eval_count":1,"eval_count":2,"error":null}""",
        """{"type":"message_start","message":{"id":"a","model":"m","usage":{"input_tokens":1}}}""",
        """{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"c","name":"f","input":{"a":1}}}""",
        """{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{"}}""",
        """{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":2}}""",
        """{"type":"error","error":{"type":"overloaded_error","message":"m"}}""",
    ];

    private static readonly string[] EmbeddingSeeds =
    [
        """{"model":"m","input":["a","b"],"dimensions":8,"encoding_format":"float"}""",
        """{"model":"models/m","content":{"role":"user","parts":[{"text":"a\u00e4"}]},"taskType":"T","embedContentConfig":{"title":"t","outputDimensionality":8,"autoTruncate":true}}""",
        """{"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]},"outputDimensionality":8},{"model":"m","content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"AA"}}]}}]}""",
        """{"instances":[{"content":"a","task_type":"T","title":"t"},{"image":{"gcsUri":"g"}}],"parameters":{"outputDimensionality":8,"autoTruncate":false}}""",
        """{"object":"list","data":[{"index":0,"embedding":[0.5,1]}],"usage":{"prompt_tokens":1}}""",
        """{"embeddings":[{"values":[0.5,1]}],"usageMetadata":{"promptTokenCount":1}}""",
        """{"embedding":{"values":[0.5]},"usageMetadata":{"promptTokenCount":1}}""",
        """{"predictions":[{"embeddings":{"values":[0.5],"statistics":{"token_count":1}}}]}""",
        """{"embeddings":{"float":[[0.5]]},"meta":{"billed_units":{"input_tokens":1}}}""",
        """{"embeddings":[[0.5]],"prompt_eval_count":1}""",
        """{"embedding":[0.5],"inputTextTokenCount":1}""",
    ];

    [Fact]
    public void Broken_requests_for_embeddings_give_no_other_exception_than_the_dialects_own() => Broken(EmbeddingSeeds).Sample(
        body =>
        {
            (Dialect Dialect, string Way)[] ways = [(DialectTable.OpenAI, "/embeddings"), (DialectTable.Gemini, ":embedContent"), (DialectTable.Gemini, ":batchEmbedContents"), (DialectTable.Gemini, ":predict")];
            (Dialect Dialect, string Way)[] others = [(DialectTable.Cohere, "/embed"), (DialectTable.Ollama, "/api/embed"), (DialectTable.Bedrock, "cohere"), (DialectTable.Bedrock, "titan")];
            foreach (var (provider, _) in others)
            {
                _ = provider.Embeddings!.ReadFacts(body);
                Try(() => provider.Embeddings!.ReadAnswer(Json.OfBody(body)));
            }

            foreach (var (client, asked) in ways)
            {
                var embeddings = client.Embeddings!;
                _ = embeddings.Scan(body, $"/v1beta/models/m{asked}", out var fault);
                _ = embeddings.ReadFacts(body);
                Try(() => embeddings.ReadAnswer(Json.OfBody(body)));
                _ = fault is null ? embeddings.NameModel(body, "m", out _) : null;
                foreach (var (provider, way) in ways.Concat(others))
                {
                    Try(() =>
                    {
                        using var writer = new Utf8JsonWriter(Stream.Null);
                        provider.Embeddings!.Write(embeddings.Read(Json.OfBody(body), asked, provider, new Losses()), "m", way, writer, new Losses());
                    });
                }
            }
        },
        iter: 2000);

    [Fact]
    public void Broken_bodies_give_no_other_exception_than_the_dialects_own() => Broken(Seeds).Sample(
        body =>
        {
            foreach (var (from, to) in Translating.RequestWays)
            {
                Try(() => Translating.Request(from, to, Encoding.Latin1.GetString(body)));
            }

            foreach (var (from, to) in Translating.AnswerWays)
            {
                Try(() => Translating.Answer(from, to, body));
                _ = from.ReadFailure(500, body).Message;
                _ = from.ReadFacts(body);
                _ = from.Scan(body, "/v1beta/models/m:generateContent", out _);
            }
        },
        iter: 3000);

    [Fact]
    public void Broken_streams_give_no_other_exception_than_the_dialects_own() => Gen.Select(Broken(Seeds).Array[1, 6], Gen.Int[1, 40]).Sample(
        (events, piece) =>
        {
            foreach (var (from, to) in Translating.AnswerWays)
            {
                var stream = events.SelectMany(e => Frame(from, e)).ToArray();
                Try(() => Prove(Encoding.UTF8.GetString(Translating.Stream(from, to, stream, piece))));
            }
        },
        iter: 1000);

    [Fact]
    public void Deep_nesting_is_a_fault()
    {
        var deep = Encoding.ASCII.GetBytes("{\"messages\":" + new string('[', 5000) + new string(']', 5000) + "}");
        Assert.Throws<DialectFaultException>(() => Json.OfBody(deep));
    }

    private static byte[] Frame(Dialect dialect, byte[] data) => dialect == DialectTable.Bedrock ? EventStreamMessage.Of(Types[data.Length % Types.Length], data)
        : dialect == DialectTable.Ollama ? [.. data.Where(b => b != '\n'), (byte)'\n']
        : [.. "data: "u8, .. data, .. "\n\n"u8];

    // What is written is a stream of JSON, whatever came.
    private static void Prove(string stream)
    {
        foreach (var line in stream.Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal) && l is not "data: [DONE]"))
        {
            using var json = JsonDocument.Parse(line["data: ".Length..]);
        }
    }

    private static void Try(Action translate)
    {
        try
        {
            translate();
        }
        catch (DialectFaultException fault)
        {
            Assert.NotEmpty(fault.Message);
        }
    }

    // A good body in which one value is another, a field stands twice, bytes are wrong, or the end is missing.
    private static Gen<byte[]> Broken(string[] seeds) =>
        Gen.Select(Gen.Int[0, seeds.Length - 1], Gen.Int[0, Values.Length - 1], Gen.Int[0, 10_000], Gen.Int[0, 5]).Select((seed, value, place, how) =>
        {
            var text = seeds[seed];
            var colons = Enumerable.Range(0, text.Length).Where(i => text[i] == ':' && text[i - 1] == '"').ToArray();
            var at = colons[place % colons.Length] + 1;
            var length = JsonLengths.OfValue(Encoding.UTF8.GetBytes(text[at..]));
            var cut = place % text.Length;
            return how switch
            {
                0 => Encoding.UTF8.GetBytes(text[..cut]),
                1 => [.. Encoding.UTF8.GetBytes(text[..cut]), 0xFF, .. Encoding.UTF8.GetBytes(text[cut..])],
                2 => Encoding.UTF8.GetBytes(text[..^1] + "," + text[1..]),
                _ => Encoding.UTF8.GetBytes(text[..at] + Values[value] + text[(at + length)..]),
            };
        });
}
