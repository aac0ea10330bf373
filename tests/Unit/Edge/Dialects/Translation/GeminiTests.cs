using System.Text;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Tests.Unit.Edge.Dialects.Translation;

/// <summary>What is Gemini's own: ids that are not there, proofs that go with calls, arguments in pieces, schemas of OpenAPI, caps within another object.</summary>
public sealed class GeminiTests
{
    [Fact]
    public void A_conversation_of_OpenAI_becomes_one_of_Gemini()
    {
        var (sent, lost) = Translating.Request(DialectTable.OpenAI, DialectTable.Gemini, """
            {"model":"gemini-2.5-flash","messages":[
              {"role":"developer","content":"Be brief"},
              {"role":"user","content":[{"type":"text","text":"Look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA+/"}},{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]},
              {"role":"assistant","content":"I call","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":""}}]},
              {"role":"tool","tool_call_id":"c1","content":"{\"t\": 20}"},
              {"role":"tool","tool_call_id":"c2","content":"two"},
              {"role":"user","content":"Go on"}],
             "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"tool_choice":{"type":"function","function":{"name":"f"}},
             "max_completion_tokens":50,"stop":"END","n":2,"reasoning_effort":"low","response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}},"stream":true}
            """);

        Assert.Empty(lost);
        Same("""
            {"systemInstruction":{"parts":[{"text":"Be brief"}]},"contents":[
              {"role":"user","parts":[{"text":"Look"},{"inlineData":{"mimeType":"image/png","data":"AA+/"}},{"inlineData":{"mimeType":"audio/wav","data":"AAAA"}}]},
              {"role":"model","parts":[{"text":"I call"},{"functionCall":{"id":"c1","name":"f","args":{"a":1}}},{"functionCall":{"id":"c2","name":"g","args":{}}}]},
              {"role":"user","parts":[{"functionResponse":{"id":"c1","name":"f","response":{"t":20}}},{"functionResponse":{"id":"c2","name":"g","response":{"output":"two"}}},{"text":"Go on"}]}],
             "tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object"}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},
             "generationConfig":{"maxOutputTokens":50,"candidateCount":2,"stopSequences":["END"],"responseMimeType":"application/json","responseJsonSchema":{"type":"object"},"thinkingConfig":{"includeThoughts":true,"thinkingBudget":1024}}}
            """, sent);
    }

    [Fact]
    public void A_conversation_of_Gemini_becomes_one_of_Anthropic()
    {
        var (sent, lost) = Translating.Request(DialectTable.Gemini, DialectTable.Anthropic, """
            {"system_instruction":{"parts":[{"text":"Be brief"}]},"contents":[
              {"parts":[{"text":"Look"},{"inline_data":{"mime_type":"image/png","data":"AAAA"}}]},
              {"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1}}},{"functionCall":{"name":"f","args":{"a":2}}}]},
              {"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"one"}}},{"functionResponse":{"name":"f","response":{"error":"two"}}}]}],
             "tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"a":{"type":"INTEGER","nullable":true},"type":{"type":"STRING","minLength":"1"}},"required":["a"]}}]}],
             "toolConfig":{"functionCallingConfig":{"mode":"AUTO"}},"generationConfig":{"maxOutputTokens":50,"topK":5,"stopSequences":["END"],"thinkingConfig":{"thinkingBudget":0}}}
            """);

        Assert.Empty(lost);
        Same("""
            {"max_tokens":50,"system":[{"type":"text","text":"Be brief"}],"messages":[
              {"role":"user","content":[{"type":"text","text":"Look"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},
              {"role":"assistant","content":[{"type":"tool_use","id":"call_0_0","name":"f","input":{"a":1}},{"type":"tool_use","id":"call_0_1","name":"f","input":{"a":2}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"call_0_0","content":"one"},{"type":"tool_result","tool_use_id":"call_0_1","content":"two","is_error":true}]}],
             "tools":[{"name":"f","input_schema":{"type":"object","properties":{"a":{"type":["integer","null"]},"type":{"type":"string","minLength":1}},"required":["a"]}}],
             "tool_choice":{"type":"auto"},"top_k":5,"stop_sequences":["END"]}
            """, sent);
    }

    [Fact]
    public void What_proves_the_call_of_a_function_goes_through_Anthropics_dialect_and_back()
    {
        const string Answer = """{"candidates":[{"content":{"role":"model","parts":[{"text":"Hm","thought":true},{"functionCall":{"name":"f","args":{}},"thoughtSignature":"c2ln"},{"functionCall":{"name":"g","args":{}}}]},"finishReason":"STOP"}],"responseId":"r1"}""";
        var message = JsonNode.Parse(Translating.Answer(DialectTable.Gemini, DialectTable.Anthropic, Encoding.UTF8.GetBytes(Answer)).Body)!;
        Assert.Equal("tool_use", (string?)message["stop_reason"]);
        Assert.Equal(["call_r1_0", "call_r1_1"], message["content"]!.AsArray().Where(b => (string?)b!["type"] is "tool_use").Select(b => (string?)b!["id"]));

        var (sent, _) = Translating.Request(DialectTable.Anthropic, DialectTable.Gemini, $$"""
            {"model":"gemini-3-pro","max_tokens":9,"messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":{{message["content"]!.ToJsonString()}}},
             {"role":"user","content":[{"type":"tool_result","tool_use_id":"call_r1_1","content":"1"}]}]}
            """);
        Same("""[{"text":"Hm","thought":true},{"functionCall":{"id":"call_r1_0","name":"f","args":{}},"thoughtSignature":"c2ln"},{"functionCall":{"id":"call_r1_1","name":"g","args":{}}}]""", JsonNode.Parse(sent)!["contents"]![1]!["parts"]!.ToJsonString());
    }

    [Fact]
    public void Newer_models_are_told_that_a_call_comes_without_its_proof()
    {
        const string Body = """{"model":"gemini-3-pro","messages":[{"role":"user","content":"?"},{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"d","type":"function","function":{"name":"f","arguments":"{}"}}]}]}""";
        var parts = JsonNode.Parse(Translating.Request(DialectTable.OpenAI, DialectTable.Gemini, Body).Body)!["contents"]![1]!["parts"]!;
        Assert.Equal("skip_thought_signature_validator", Encoding.ASCII.GetString(Convert.FromBase64String((string)parts[0]!["thoughtSignature"]!)));
        Assert.Null(parts[1]!["thoughtSignature"]);
    }

    [Fact]
    public void Proof_of_another_dialect_comes_back_from_Geminis_clients_as_it_was()
    {
        const string Message = """{"id":"i","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"Hm","signature":"sig=="},{"type":"redacted_thinking","data":"xx"},{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":3}}""";
        var answer = JsonNode.Parse(Translating.Answer(DialectTable.Anthropic, DialectTable.Gemini, Encoding.UTF8.GetBytes(Message)).Body)!;
        Assert.All(answer["candidates"]![0]!["content"]!["parts"]!.AsArray().Where(p => p!["thoughtSignature"] is not null), p => Convert.FromBase64String((string)p!["thoughtSignature"]!));

        var (sent, lost) = Translating.Request(DialectTable.Gemini, DialectTable.Anthropic, $$"""{"contents":[{"parts":[{"text":"?"}]},{{answer["candidates"]![0]!["content"]!.ToJsonString()}},{"parts":[{"text":"More"}]}]}""");
        Assert.Empty(lost);
        Same("""[{"type":"thinking","thinking":"Hm","signature":"sig=="},{"type":"redacted_thinking","data":"xx"},{"type":"text","text":"Hi"}]""", JsonNode.Parse(sent)!["messages"]![1]!["content"]!.ToJsonString());
    }

    [Fact]
    public void Arguments_that_are_streamed_in_pieces_are_put_together()
    {
        var stream = Encoding.UTF8.GetBytes(string.Concat(((string[])[
            """{"functionCall":{"name":"f","willContinue":true}}""",
            """{"functionCall":{"partialArgs":[{"jsonPath":"$.place.name","stringValue":"Bos","willContinue":true}],"willContinue":true}}""",
            """{"functionCall":{"partialArgs":[{"jsonPath":"$.place.name","stringValue":"ton"},{"jsonPath":"$.days[0]","numberValue":1},{"jsonPath":"$.days[1]","numberValue":2},{"jsonPath":"$['is it']","boolValue":true}],"willContinue":true}}""",
            """{"functionCall":{}}""",
        ]).Select(p => $$$"""data: {"candidates":[{"content":{"role":"model","parts":[{{{p}}}]}}]}""" + "\n\n")) + "data: {\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":5,\"candidatesTokenCount\":6,\"thoughtsTokenCount\":7}}\n\n");

        Assert.Equal(
            new Told("", "", """f {"place":{"name":"Boston"},"days":[1,2],"is it":true}""", StopReason.Tools, 5, 13),
            Told.OfStream(DialectTable.Anthropic, Translating.Stream(DialectTable.Gemini, DialectTable.Anthropic, stream, 3)));
    }

    [Theory]
    [InlineData("""{"contents":[]}""", """{"generationConfig":{"maxOutputTokens":7},"contents":[]}""")]
    [InlineData("""{"contents":[],"generationConfig":{}}""", """{"contents":[],"generationConfig":{"maxOutputTokens":7}}""")]
    [InlineData("""{"contents":[],"generationConfig":{"topK":1}}""", """{"contents":[],"generationConfig":{"maxOutputTokens":7,"topK":1}}""")]
    [InlineData("""{"contents":[],"generationConfig":{"maxOutputTokens":null}}""", """{"contents":[],"generationConfig":{"maxOutputTokens":7}}""")]
    public void A_cap_is_put_within_the_configuration(string body, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var edits = new BodyEdits(bytes);
        edits.BoundAnswer(DialectTable.Gemini.Scan(bytes, null, out _), 7);
        Assert.Equal(expected, Encoding.UTF8.GetString(edits.Apply(out var length)!, 0, length));
    }

    [Theory]
    [InlineData("/v1beta/models/fast:generateContent", "\"fast\"", false)]
    [InlineData("/v1beta/models/team/fast:v2:streamGenerateContent", "\"team/fast:v2\"", true)]
    [InlineData("/v1/projects/p/locations/l/publishers/google/models/fast:generateContent", "\"fast\"", false)]
    public void The_model_and_the_stream_stand_in_the_path(string path, string model, bool isStreamed)
    {
        var scan = DialectTable.Gemini.Scan("""{"contents":[],"generationConfig":{"maxOutputTokens":5,"candidateCount":2}}"""u8.ToArray(), path, out var fault);
        Assert.Null(fault);
        Assert.Equal((model, isStreamed, 5L, 2L), (Encoding.UTF8.GetString(scan.ModelOfPath.Span), scan.Stream, scan.MaxTokens!.Value, scan.Answers));
    }

    [Theory]
    [InlineData("""{"contents":[{"parts":[{"text":"a"},{"fileData":{"fileUri":"gs://b/c"}}]}]}""", "contents[0].parts[1]")]
    [InlineData("""{"contents":[{"parts":[{"inlineData":{"mimeType":"application/pdf","data":"AA"}}]}]}""", "contents[0].parts[0]")]
    [InlineData("""{"contents":[{"parts":[{"text":"a"}]}],"tools":[{"googleSearch":{}}]}""", "tools[0]")]
    [InlineData("""{"contents":[{"parts":[{"text":"a"}]}],"cachedContent":"cachedContents/1"}""", "cachedContent")]
    [InlineData("""{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"AA"}}]}]}""", null)]
    public void What_nothing_bounds_is_told_by_its_place(string body, string? place) =>
        Assert.Equal(place, DialectTable.Gemini.Scan(Encoding.UTF8.GetBytes(body), null, out _).Input.UnboundPlace);

    private static void Same(string expected, string actual) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);
}
