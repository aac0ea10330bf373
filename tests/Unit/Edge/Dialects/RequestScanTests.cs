using System.Text;
using System.Text.Json;
using CsCheck;
using Sluice.Edge.Dialects.OpenAI;

namespace Sluice.Tests.Unit.Edge.Dialects;

/// <summary>What is read from a request's bytes, and the precise fault of what cannot be read.</summary>
public sealed class RequestScanTests
{
    [Theory]
    [InlineData("""{"model":"a","messages":[]}""", false, null)]
    [InlineData("""{"messages":[],"stream":true,"mod\u0065l":"a","max_tokens":5}""", true, 5L)]
    [InlineData("""{"model":"a","messages":[],"max_tokens":5,"max_completion_tokens":9,"stream":null}""", false, 9L)]
    [InlineData("""{"model":"a","messages":[],"max_tokens":null,"n":null,"unknown":{"model":1,"stream":true}}""", false, null)]
    [InlineData(""" { "model" : "a" , "messages" : [ { "role":"user", "content":"\ud83d half", "\udc00":1 } ] } """, false, null)]
    public void What_the_gateway_must_know_is_read_wherever_it_stands(string body, bool stream, long? cap)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var scan = RequestScan.Read(bytes, InputField.Messages, out var fault);
        Assert.Null(fault);
        Assert.Equal("\"a\"", Encoding.UTF8.GetString(scan.Model.In(bytes)));
        Assert.Equal((stream, cap), (scan.Stream, scan.MaxTokens));
    }

    [Theory]
    [InlineData("", null, "not valid JSON, at line 1, byte 1")]
    [InlineData("{", null, "not valid JSON")]
    [InlineData("[]", null, "must be a JSON object")]
    [InlineData("""{"model":"a","messages":[]} x""", null, "not valid JSON, at line 1")]
    [InlineData("{\"model\":\"a\",\n\"messages\":[}", null, "not valid JSON, at line 2, byte 13")]
    [InlineData("""{"messages":[]}""", "model", "must provide a model")]
    [InlineData("""{"model":7,"messages":[]}""", "model", "must be a string")]
    [InlineData("""{"model":"a"}""", "messages", "Missing required parameter: 'messages'")]
    [InlineData("""{"model":"a","messages":null}""", "messages", "Missing required parameter: 'messages'")]
    [InlineData("""{"model":"a","messages":"hi"}""", "messages", "must be a list")]
    [InlineData("""{"model":"a","messages":[],"stream":"yes"}""", "stream", "true or false")]
    [InlineData("""{"model":"a","messages":[],"stream_options":true}""", "stream_options", "must be an object")]
    [InlineData("""{"model":"a","messages":[],"max_tokens":0}""", "max_tokens", "whole number from 1")]
    [InlineData("""{"model":"a","messages":[],"max_tokens":1.5}""", "max_tokens", "whole number from 1")]
    [InlineData("""{"model":"a","messages":[],"max_completion_tokens":99999999999999999999999999}""", "max_completion_tokens", "whole number from 1")]
    [InlineData("""{"model":"a","messages":[],"n":"2"}""", "n", "whole number from 1")]
    [InlineData("""{"model":"a","mod\u0065l":"b","messages":[]}""", "model", "stands twice")]
    [InlineData("""{"model":"a","messages":[],"messages":[]}""", "messages", "stands twice")]
    [InlineData("""{"model":"a","messages":[],"stream_options":{"include_usage":true,"include_usage":false}}""", "stream_options.include_usage", "stands twice")]
    public void A_fault_names_the_field_and_what_would_be_right(string body, string? field, string says)
    {
        RequestScan.Read(Encoding.UTF8.GetBytes(body), InputField.Messages, out var fault);
        Assert.NotNull(fault);
        Assert.Equal(field, fault.Field);
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    [InlineData("[1, ", "]")]
    public void Nesting_deeper_than_64_is_a_fault_of_its_own(string open, string close)
    {
        // The body and its list are two levels.
        Assert.Null(Nested(open, "0", close, 62));
        Assert.Contains("nested deeper than 64", Nested(open, "0", close, 63)!.Message, StringComparison.Ordinal);
        Assert.Contains("not valid JSON", Nested(open, "?", close, 62)!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[{"content":"text"}]""", 0, null, null)]
    [InlineData("""[{"content":[{"type":"text","text":"image_url"},"plain",{"text":"no type"}]}]""", 0, null, null)]
    [InlineData("""[{"content":[{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}]},{"content":[{"type":"im\u0061ge_url"}]}]""", 2, null, null)]
    [InlineData("""[{},{"content":[{"type":"text"},{"type":"file","file":{"file_id":"f"}}]}]""", 0, "messages[1].content[1]", "file")]
    [InlineData("""[{"content":[{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}},{"type":"file"}]}]""", 0, "messages[0].content[1]", "file")]
    [InlineData("""[{"content":[{"type":"input_audio","input_audio":{"format":"wav"}}]}]""", 0, "messages[0].content[0]", "none")]
    [InlineData("""[{"content":[{"type":"text","type":"file"}]}]""", 0, "messages[0].content[0]", "file")]
    [InlineData("""[{"content":[{"source":"somewhere"}]}]""", 0, "messages[0].content[0]", "none")]
    [InlineData("""[{"content":{"type":"video_url"}}]""", 0, "messages[0].content", "video_url")]
    [InlineData("""[{"content":[{"type":7}]}]""", 0, "messages[0].content[0]", "unknown")]
    [InlineData("""[{"role":"assistant","audio":{"id":"audio_1"}}]""", 0, "messages[0].audio", "audio")]
    public void Parts_whose_tokens_nothing_bounds_are_told_by_their_place(string messages, int images, string? place, string? type)
    {
        var scan = RequestScan.Read(Encoding.UTF8.GetBytes($$"""{"model":"a","messages":{{messages}}}"""), InputField.Messages, out var fault);
        Assert.Null(fault);
        Assert.Equal((images, place, type), (scan.Input.Images, scan.Input.UnboundPlace, scan.Input.UnboundType));
    }

    [Theory]
    [InlineData("\"text\"", null)]
    [InlineData("[\"a\",\"b\"]", null)]
    [InlineData("[[1,2],[3]]", null)]
    [InlineData("{\"image\":\"https://example.org\"}", "input")]
    [InlineData("[\"a\",{\"image\":\"https://example.org\"}]", "input[1]")]
    public void Input_of_embeddings_is_bounded_where_it_is_text_or_tokens(string input, string? place)
    {
        var scan = RequestScan.Read(Encoding.UTF8.GetBytes($$"""{"model":"a","input":{{input}}}"""), InputField.Input, out var fault);
        Assert.Null(fault);
        Assert.Equal(place, scan.Input.UnboundPlace);
    }

    [Fact]
    public void Any_body_is_read_as_a_document_tree_reads_it_or_has_a_fault() =>
        Gen.Select(AnyJson.Value, AnyJson.Value, Gen.Int[0, 4000], Gen.Byte).Sample((value, messages, at, changed) =>
        {
            var body = Encoding.UTF8.GetBytes($$"""{"a":{{value}},"model":"m","messages":[{{messages}},{"content":{{messages}} }],"stream":true,"z":{{value}} }""");
            var scan = RequestScan.Read(body, InputField.Messages, out var fault);
            Assert.Null(fault);
            Assert.Equal("\"m\"", Encoding.UTF8.GetString(scan.Model.In(body)));
            Assert.True(scan.Stream);
            RequestScan.Read(body.AsSpan(0, at % body.Length), InputField.Messages, out fault);
            Assert.NotNull(fault);
            body[at % body.Length] = changed;
            RequestScan.Read(body, InputField.Messages, out fault);
            Assert.True(fault is not null || IsJson(body), "what has no fault is JSON");
        });

    private static RequestFault? Nested(string open, string inner, string close, int levels)
    {
        var nested = string.Concat(Enumerable.Repeat(open, levels)) + inner + string.Concat(Enumerable.Repeat(close, levels));
        RequestScan.Read(Encoding.UTF8.GetBytes($$"""{"model":"a","messages":[{{nested}}]}"""), InputField.Messages, out var fault);
        return fault;
    }

    private static bool IsJson(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
