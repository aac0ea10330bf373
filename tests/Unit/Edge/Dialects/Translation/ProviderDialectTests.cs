using System.Text;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Bedrock;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Tests.Processes;

namespace Sluice.Tests.Unit.Edge.Dialects.Translation;

/// <summary>What is Bedrock's, Cohere's and Ollama's own: frames, signatures, names of fields.</summary>
public sealed class ProviderDialectTests
{
    private const string Request = """
        {"model":"m","messages":[
          {"role":"system","content":"Be brief"},
          {"role":"user","content":[{"type":"text","text":"Look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},
          {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}}]},
          {"role":"tool","tool_call_id":"c1","content":"one"}],
         "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"max_tokens":50,"temperature":0.5,"top_p":0.9,"stop":["END"],
         "response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}}}
        """;

    [Fact]
    public void A_conversation_becomes_one_of_Bedrock()
    {
        var (sent, lost) = Translating.Request(DialectTable.OpenAI, DialectTable.Bedrock, Request);
        Assert.Empty(lost);
        Same("""
            {"system":[{"text":"Be brief"}],"messages":[
              {"role":"user","content":[{"text":"Look"},{"image":{"format":"png","source":{"bytes":"AAAA"}}}]},
              {"role":"assistant","content":[{"toolUse":{"toolUseId":"c1","name":"f","input":{"a":1}}}]},
              {"role":"user","content":[{"toolResult":{"toolUseId":"c1","content":[{"text":"one"}]}}]}],
             "inferenceConfig":{"maxTokens":50,"temperature":0.5,"topP":0.9,"stopSequences":["END"]},
             "toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object"}}}}]},
             "outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"name":"a","schema":"{\"type\":\"object\"}"}}}}}
            """, sent);
    }

    [Fact]
    public void A_conversation_becomes_one_of_Cohere()
    {
        var (sent, lost) = Translating.Request(DialectTable.OpenAI, DialectTable.Cohere, Request);
        Assert.Empty(lost);
        Same("""
            {"model":"m","messages":[
              {"role":"system","content":"Be brief"},
              {"role":"user","content":[{"type":"text","text":"Look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},
              {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}}]},
              {"role":"tool","tool_call_id":"c1","content":"one"}],
             "max_tokens":50,"temperature":0.5,"p":0.9,"stop_sequences":["END"],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],
             "response_format":{"type":"json_object","json_schema":{"type":"object"}},"stream":false}
            """, sent);
    }

    [Fact]
    public void A_conversation_becomes_one_of_Ollama()
    {
        var (sent, lost) = Translating.Request(DialectTable.OpenAI, DialectTable.Ollama, Request);
        Assert.Empty(lost);
        Same("""
            {"model":"m","messages":[
              {"role":"system","content":"Be brief"},
              {"role":"user","content":"Look","images":["AAAA"]},
              {"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},
              {"role":"tool","content":"one","tool_name":"f"}],
             "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"format":{"type":"object"},
             "options":{"num_predict":50,"temperature":0.5,"top_p":0.9,"stop":["END"]},"stream":false}
            """, sent);
    }

    [Theory]
    [InlineData("bedrock", "inferenceConfig", "maxTokens")]
    [InlineData("cohere", null, "max_tokens")]
    [InlineData("ollama", "options", "num_predict")]
    public void The_cap_that_was_written_can_be_lowered(string name, string? holder, string field)
    {
        var dialect = Translating.RequestWays.First(w => string.Equals(w.To.Name, name, StringComparison.Ordinal)).To;
        var body = Encoding.UTF8.GetBytes(Translating.Request(DialectTable.OpenAI, dialect, Request).Body);
        var edits = new BodyEdits(body);
        edits.LowerAnswer(dialect.Scan(body, null, out _), 7);
        var sent = JsonNode.Parse(edits.Apply(out var length).AsSpan(0, length))!;
        Assert.Equal(7, (int)(holder is null ? sent : sent[holder]!)[field]!);
    }

    [Fact]
    public void Frames_of_AWS_are_read_however_they_are_cut_and_broken_ones_are_told()
    {
        byte[] stream = [.. EventStreamMessage.Of("messageStart", """{"role":"assistant"}"""), .. EventStreamMessage.Of("contentBlockDelta", """{"contentBlockIndex":0,"delta":{"text":"Hi"},"p":"abc"}"""),
            .. EventStreamMessage.Of("messageStop", """{"stopReason":"max_tokens"}"""), .. EventStreamMessage.Of("metadata", """{"usage":{"inputTokens":5,"outputTokens":6,"cacheReadInputTokens":2}}""")];
        for (var piece = 1; piece < 200; piece += 7)
        {
            Assert.Equal(new Told("Hi", "", "", StopReason.Length, 7, 6), Told.OfStream(DialectTable.OpenAI, Translating.Stream(DialectTable.Bedrock, DialectTable.OpenAI, stream, piece)));
        }

        foreach (var place in new[] { 2, 9, 40, stream.Length - 1 })
        {
            byte[] broken = [.. stream];
            broken[place] ^= 1;
            Assert.Throws<IOException>(() => Translating.Stream(DialectTable.Bedrock, DialectTable.OpenAI, broken));
        }
    }

    [Fact]
    public void An_exception_amid_a_stream_is_an_error_of_the_callers_dialect()
    {
        byte[] stream = [.. EventStreamMessage.Of("messageStart", """{"role":"assistant"}"""), .. EventStreamMessage.Of("throttlingException", """{"message":"Slow down"}""")];
        var told = Encoding.UTF8.GetString(Translating.Stream(DialectTable.Bedrock, DialectTable.OpenAI, stream));
        Assert.Contains("\"message\":\"Slow down\"", told, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", told, StringComparison.Ordinal);
    }

    // The signatures that botocore 1.43.11 makes of the same request.
    [Theory]
    [InlineData("AKIDEXAMPLE:secret", "host;x-amz-date", "9744d3d1f43e1c84e33d7f70ffeb81b908393539a74360b03587b14eecf69f83")]
    [InlineData("AKIDEXAMPLE:secret:token:with:colons", "host;x-amz-date;x-amz-security-token", "76ab1c41b6d2d1e9f9772326095b909e2d423766ba6b0dcd2e0edd62a5c7d474")]
    public void A_request_is_signed_with_what_the_credential_holds(string credential, string names, string signature)
    {
        var address = new Uri("https://bedrock-runtime.eu-central-1.amazonaws.com/model/anthropic.claude-v1%3A0/converse");
        var headers = RequestSignature.Sign(credential, address, "{}"u8, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        Assert.Equal($"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-central-1/bedrock/aws4_request, SignedHeaders={names}, Signature={signature}", headers[0].Value);
        Assert.Equal("20260102T030405Z", headers[1].Value);
    }

    [Theory]
    [InlineData("https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1")]
    [InlineData("https://vpce-1.bedrock-runtime.ap-south-1.vpce.amazonaws.com", "ap-south-1")]
    [InlineData("http://127.0.0.1:8080", "us-east-1")]
    public void The_region_stands_in_the_address(string address, string region) => Assert.Equal(region, RequestSignature.RegionOf(new Uri(address)));

    private static void Same(string expected, string actual) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);
}
