using System.Text;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;

namespace Sluice.Tests.Unit.Edge.Dialects.Translation;

/// <summary>What proves reasoning goes back to its maker, and to nobody else: a model moves between providers amid a conversation.</summary>
public sealed class ProvenanceTests
{
    private const string Thinking = """{"id":"i","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"Hm","signature":"sig=="},{"type":"redacted_thinking","data":"xx"},{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":3}}""";
    private const string Gemini = """{"candidates":[{"content":{"role":"model","parts":[{"text":"Hm","thought":true},{"functionCall":{"name":"f","args":{}},"thoughtSignature":"c2ln"}]},"finishReason":"STOP"}],"responseId":"r1"}""";

    [Fact]
    public void A_conversation_that_began_with_one_provider_goes_on_with_another_and_comes_back()
    {
        var answer = JsonNode.Parse(Translating.Answer(DialectTable.Gemini, DialectTable.Anthropic, Encoding.UTF8.GetBytes(Gemini)).Body)!;
        var request = $$"""{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"?"},{"role":"assistant","content":{{answer["content"]!.ToJsonString()}}},{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_r1_0","content":"1"}]}]}""";

        var bytes = Encoding.UTF8.GetBytes(request);
        Assert.True(ForeignProofs.MayBeIn(bytes));
        var losses = new Losses();
        var sent = Encoding.UTF8.GetString(ForeignProofs.Remove(bytes, losses, out var length)!, 0, length);
        Assert.Equal("""[{"type":"tool_use","id":"call_r1_0","name":"f","input":{}}]""", JsonNode.Parse(sent)!["messages"]![1]!["content"]!.ToJsonString());
        Assert.StartsWith("messages[1].content[0]: ", losses.ToString(), StringComparison.Ordinal);

        Assert.Contains("\"thoughtSignature\":\"c2ln\"", Translating.Request(DialectTable.Anthropic, DialectTable.Gemini, request).Body, StringComparison.Ordinal);
        Assert.DoesNotContain("c2ln", Translating.Request(DialectTable.Anthropic, DialectTable.Responses, request).Body, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_client_was_told_by_its_own_dialect_proves_nothing_to_another()
    {
        const string Request = """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"?"},{"role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"sig=="},{"type":"tool_use","id":"c","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":"1"}]}]}""";
        var (sent, lost) = Translating.Request(DialectTable.Anthropic, DialectTable.Gemini, Request);
        Assert.DoesNotContain("sig==", sent, StringComparison.Ordinal);
        Assert.StartsWith("messages[1].content[0]: ", lost, StringComparison.Ordinal);
    }

    [Fact]
    public void Geminis_clients_keep_proofs_of_others_in_base64_and_they_are_found_there()
    {
        var answer = JsonNode.Parse(Translating.Answer(DialectTable.Anthropic, DialectTable.Gemini, Encoding.UTF8.GetBytes(Thinking)).Body)!;
        var request = Encoding.UTF8.GetBytes($$"""{"contents":[{"parts":[{"text":"?"}]},{{answer["candidates"]![0]!["content"]!.ToJsonString()}}]}""");
        Assert.True(ForeignProofs.MayBeIn(request));
        var sent = Encoding.UTF8.GetString(ForeignProofs.Remove(request, new Losses(), out var length)!, 0, length);
        Assert.Equal("""[{"text":"Hi"}]""", JsonNode.Parse(sent)!["contents"]![1]!["parts"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"a":[{"signature":"sluice.gemini.x"},1, 2]}""", """{"a":[1, 2]}""")]
    [InlineData("""{"a":[1, {"signature":"sluice.gemini.x"} , 2]}""", """{"a":[1 , 2]}""")]
    [InlineData("""{"a":[1, {"data":"sluice.gemini.x"}]}""", """{"a":[1]}""")]
    [InlineData("""{"a":[ {"data":"sluice.a.x"}, {"data":"sluice.b.x"} ],"b":1}""", """{"a":[  ],"b":1}""")]
    [InlineData("""{"a":[{"b":[{"data":"sluice.a.x"},3]},{"data":"sluice.b.x"},{"c":[1,{"data":"sluice.b.x"}]}]}""", """{"a":[{"b":[3]},{"c":[1]}]}""")]
    public void Only_the_parts_that_hold_them_are_taken_out(string body, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(ForeignProofs.Remove(Encoding.UTF8.GetBytes(body), new Losses(), out var length)!, 0, length));

    [Fact]
    public void Text_that_looks_like_one_stays()
    {
        Assert.Null(ForeignProofs.Remove("""{"a":[{"type":"text","text":"sluice.gemini.x"}]}"""u8.ToArray(), new Losses(), out _));
        Assert.False(ForeignProofs.MayBeIn("""{"a":"sluice"}"""u8));
    }
}
