using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Dialects.Prompts;

/// <summary>How each client dialect says a prompt's messages and parameters, before and beside what the caller says.</summary>
public sealed class PutPromptTests
{
    private static readonly ImmutableArray<PromptText> Texts = [new(PromptRole.System, "S"), new(PromptRole.User, "U"), new(PromptRole.Assistant, "A")];

    private static readonly PromptParameters Parameters = new(0.5, 0.9, 7, JsonDocument.Parse("""{"type":"object"}""").RootElement);

    [Theory]
    [InlineData(
        "openai", """{"messages":[{"role":"user","content":"C"}],"max_completion_tokens":3,"temperature":1}""",
        """{"messages":[{"role":"system","content":"S"},{"role":"user","content":"U"},{"role":"assistant","content":"A"},{"role":"user","content":"C"}],"max_completion_tokens":3,"temperature":1,"top_p":0.9,"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"}}}}""")]
    [InlineData(
        "anthropic", """{"system":"Z","messages":[{"role":"user","content":"C"}]}""",
        """{"system":[{"type":"text","text":"S"},{"type":"text","text":"Z"}],"messages":[{"role":"user","content":"U"},{"role":"assistant","content":"A"},{"role":"user","content":"C"}],"temperature":0.5,"top_p":0.9,"max_tokens":7,"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}}}""")]
    [InlineData(
        "responses", """{"input":"C","text":{"format":{"type":"text"}}}""",
        """{"input":[{"role":"system","content":"S"},{"role":"user","content":"U"},{"role":"assistant","content":"A"},{"role":"user","content":"C"}],"text":{"format":{"type":"text"}},"temperature":0.5,"top_p":0.9,"max_output_tokens":7}""")]
    [InlineData(
        "gemini", """{"system_instruction":{"parts":[{"text":"Z"}]},"contents":{"parts":[{"text":"C"}]},"generation_config":{"max_output_tokens":3}}""",
        """{"system_instruction":{"parts":[{"text":"S"},{"text":"Z"}]},"contents":[{"role":"user","parts":[{"text":"U"}]},{"role":"model","parts":[{"text":"A"}]},{"parts":[{"text":"C"}]}],"generation_config":{"max_output_tokens":3,"temperature":0.5,"topP":0.9,"responseMimeType":"application/json","responseJsonSchema":{"type":"object"}}}""")]
    public void A_prompt_comes_before_what_the_caller_says_whose_own_parameters_count(string dialect, string body, string put) => Same(put, Put(dialect, body, Parameters));

    [Theory]
    [InlineData("openai", """{"messages":[{"role":"system","content":"S"},{"role":"user","content":"U"},{"role":"assistant","content":"A"}]}""")]
    [InlineData("anthropic", """{"system":[{"type":"text","text":"S"}],"messages":[{"role":"user","content":"U"},{"role":"assistant","content":"A"}]}""")]
    [InlineData("responses", """{"input":[{"role":"system","content":"S"},{"role":"user","content":"U"},{"role":"assistant","content":"A"}]}""")]
    [InlineData("gemini", """{"systemInstruction":{"parts":[{"text":"S"}]},"contents":[{"role":"user","parts":[{"text":"U"}]},{"role":"model","parts":[{"text":"A"}]}]}""")]
    public void A_caller_may_say_nothing_and_a_count_asks_for_no_parameters(string dialect, string put) => Same(put, Put(dialect, "{}", null));

    [Theory]
    [InlineData("openai", """{"messages":"C"}""", "messages")]
    [InlineData("anthropic", """{"system":1}""", "system")]
    [InlineData("responses", """{"input":{}}""", "input")]
    [InlineData("gemini", """{"systemInstruction":"Z"}""", "systemInstruction")]
    public void A_field_that_is_something_else_is_named(string dialect, string body, string field) =>
        Assert.Equal(field, Assert.Throws<DialectFaultException>(() => Put(dialect, body, null)).FieldIn(default));

    private static JsonObject Put(string dialect, string body, PromptParameters? parameters)
    {
        var json = JsonNode.Parse(body)!.AsObject();
        Dialect[] all = [DialectTable.OpenAI, DialectTable.Anthropic, DialectTable.Responses, DialectTable.Gemini];
        all.Single(d => string.Equals(d.Name, dialect, StringComparison.Ordinal)).PutPrompt(new RenderedPrompt("m", Texts, parameters), json);
        return json;
    }

    private static void Same(string expected, JsonObject put) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), put), put.ToJsonString());
}
