using System.Text;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Tests.Unit.Edge.Dialects.Translation;

/// <summary>Bodies written by hand, each with what it must become.</summary>
public sealed class HandwrittenTests
{
    [Fact]
    public void A_conversation_of_OpenAI_becomes_one_of_Anthropic()
    {
        var (sent, lost) = Translating.Request(DialectTable.OpenAI, DialectTable.Anthropic, """
            {"model":"m","messages":[
              {"role":"developer","content":"Be brief"},
              {"role":"user","content":[{"type":"text","text":"Look \u00e4"},{"type":"image_url","image_url":{"url":"data:image\/png;base64,AA+/"}}]},
              {"role":"assistant","content":"","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":""}}]},
              {"role":"tool","tool_call_id":"c1","content":"one"},
              {"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"two"}]},
              {"role":"user","content":"Go on"}],
             "tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false,"max_completion_tokens":50,"stop":"END","stream":true}
            """);

        Assert.Empty(lost);
        Same("""
            {"model":"m","max_tokens":50,"system":[{"type":"text","text":"Be brief"}],"messages":[
              {"role":"user","content":[{"type":"text","text":"Look ä"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA+/"}}]},
              {"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{"a":1}},{"type":"tool_use","id":"c2","name":"g","input":{}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"one"},{"type":"tool_result","tool_use_id":"c2","content":"two"},{"type":"text","text":"Go on"}]}],
             "tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},"stop_sequences":["END"],"stream":true}
            """, sent);
    }

    [Fact]
    public void A_conversation_of_Anthropic_becomes_one_of_OpenAI()
    {
        var (sent, lost) = Translating.Request(DialectTable.Anthropic, DialectTable.OpenAI, """
            {"model":"m","max_tokens":50,"system":"Be brief","messages":[
              {"role":"user","content":"Look"},
              {"role":"assistant","content":[{"type":"text","text":"I "},{"type":"text","text":"call"},{"type":"tool_use","id":"c1","name":"f","input":{"a":"\"q\""}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"one"}]},{"type":"text","text":"Go on"}]}],
             "tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"any"},"metadata":{"user_id":"u"},"stop_sequences":["END"],"stream":true}
            """);

        Assert.Empty(lost);
        Same("""
            {"model":"m","messages":[
              {"role":"system","content":"Be brief"},
              {"role":"user","content":"Look"},
              {"role":"assistant","content":"I call","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":\"\\\"q\\\"\"}"}}]},
              {"role":"tool","tool_call_id":"c1","content":"one"},
              {"role":"user","content":"Go on"}],
             "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"tool_choice":"required","max_tokens":50,"stop":["END"],"user":"u","stream":true,"stream_options":{"include_usage":true}}
            """, sent);
    }

    [Theory]
    [InlineData(4096, 2048)]
    [InlineData(100_000, 4096)]
    [InlineData(1100, 1024)]
    public void Reasoning_leaves_room_for_the_answer(int cap, int budget)
    {
        var (sent, _) = Translating.Request(DialectTable.OpenAI, DialectTable.Anthropic, $$"""{"model":"m","max_tokens":{{cap}},"reasoning_effort":"medium","messages":[{"role":"user","content":"Hello"}]}""");
        Assert.Equal(budget, (int)JsonNode.Parse(sent)!["thinking"]!["budget_tokens"]!);
    }

    [Fact]
    public void Thinking_with_its_signature_goes_through_OpenAIs_dialect_and_back()
    {
        const string Message = """{"id":"i","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"Hm","signature":"sig=="},{"type":"redacted_thinking","data":"xx"},{"type":"text","text":"Hi"}],"stop_reason":"max_tokens","usage":{"input_tokens":1,"cache_read_input_tokens":2,"cache_creation_input_tokens":4,"output_tokens":3}}""";
        var chat = JsonNode.Parse(Translating.Answer(DialectTable.Anthropic, DialectTable.OpenAI, Encoding.UTF8.GetBytes(Message)).Body)!;
        Assert.Equal("length", (string?)chat["choices"]![0]!["finish_reason"]);
        Assert.Equal((7, 2, 3), ((int)chat["usage"]!["prompt_tokens"]!, (int)chat["usage"]!["prompt_tokens_details"]!["cached_tokens"]!, (int)chat["usage"]!["completion_tokens"]!));

        var (sent, lost) = Translating.Request(
            DialectTable.OpenAI, DialectTable.Anthropic, $$"""{"model":"m","messages":[{"role":"user","content":"Hello"},{{chat["choices"]![0]!["message"]!.ToJsonString()}},{"role":"user","content":"More"}]}""");
        Assert.Empty(lost);
        Same("""[{"type":"thinking","thinking":"Hm","signature":"sig=="},{"type":"redacted_thinking","data":"xx"},{"type":"text","text":"Hi"}]""", JsonNode.Parse(sent)!["messages"]![1]!["content"]!.ToJsonString());
    }

    [Fact]
    public void Tools_that_are_streamed_by_turns_keep_their_arguments_apart()
    {
        const string Head = "data: {\"id\":\"i\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":";
        var stream = Encoding.UTF8.GetBytes(
            Head + """{"content":"I call"}}]}""" + "\n\n"
            + Head + """{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}},{"index":1,"id":"b","function":{"name":"g","arguments":"{"}}]}}]}""" + "\n\n"
            + Head + """{"tool_calls":[{"index":0,"function":{"arguments":"1}"}},{"index":1,"function":{"arguments":"}"}}]},"finish_reason":"tool_calls"}]}""" + "\n\n"
            + """data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6}}""" + "\n\ndata: [DONE]\n\n");

        var expected = new Told("I call", "", """f {"x":1}|g {}""", StopReason.Tools, 5, 6);
        for (var piece = 1; piece < 40; piece++)
        {
            Assert.Equal(expected, Told.OfStream(DialectTable.Anthropic, Translating.Stream(DialectTable.OpenAI, DialectTable.Anthropic, stream, piece), piece));
        }
    }

    private static void Same(string expected, string actual) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);
}
