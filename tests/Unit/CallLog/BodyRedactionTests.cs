using System.Text;
using System.Text.Json;
using Sluice.Edge.CallLog.Bodies;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.CallLog;

/// <summary>What is never kept of a body, whatever it is written as and wherever it is cut.</summary>
public sealed class BodyRedactionTests
{
    private static readonly CompiledBodyLogging Rules = new(new BodyLogging([], 100, 7, 65_536, [], ["password", "ssn"], ["EMP-[0-9]{6}"]));

    [Theory]
    [InlineData("mail ada@example.com now", "mail [email] now")]
    [InlineData("card 4111 1111 1111 1111.", "card [card].")]
    [InlineData("card 4111-1111-1111-1111", "card [card]")]
    [InlineData("order 4111111111111112", "order 4111111111111112")]
    [InlineData("key sk-proj-abcdefghijklmnop1234", "key [key]")]
    [InlineData("AKIAIOSFODNN7EXAMPLE", "[key]")]
    [InlineData("slc_live_abcdefgh12345678", "[key]")]
    [InlineData("Authorization: Bearer abcdefghijklmnop123", "Authorization: [key]")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "[key]")]
    [InlineData("badge EMP-123456", "badge [redacted]")]
    [InlineData("sku-1234 costs 20", "sku-1234 costs 20")]
    public void What_is_never_kept_is_found_in_a_text(string text, string kept) => Assert.Equal(kept, Detectors.Redact(text, Rules));

    [Fact]
    public void In_JSON_it_is_found_however_it_is_escaped_and_whatever_it_is()
    {
        var kept = Of("""{"a":"ada\u0040example.com","n":4111111111111111,"password":{"x":[1,"canary"]},"ok":[1,true,null,"über"],"bob@example.com":1}""", "application/json");

        Assert.Equal("""{"a":"[email]","n":"[card]","password":"[redacted]","ok":[1,true,null,"über"],"[email]":1}""", kept.Text);
        Assert.Null(kept.Why);
    }

    [Fact]
    public void Wherever_JSON_is_cut_what_is_kept_is_JSON_and_nothing_of_a_field_that_is_not()
    {
        const string Body = """{"m":[{"r":"user","c":"call 4111111111111111 or ada@example.com"}],"password":{"x":["canary",{"y":"canary"}]},"z":12}""";
        for (var length = 1; length < Body.Length; length++)
        {
            var kept = BodyRedaction.Of(Encoding.UTF8.GetBytes(Body[..length]), Body.Length, "application/json; charset=utf-8", isEncoded: false, Rules);

            Assert.NotNull(kept.Why);
            Assert.DoesNotContain("canary", kept.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("4111", kept.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("ada@", kept.Text, StringComparison.Ordinal);
            using var read = JsonDocument.Parse(kept.Text!);
        }
    }

    [Fact]
    public void A_streamed_answer_is_put_together_before_it_is_looked_at()
    {
        var kept = Of(
            "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Mail ada@exam\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ple.com, 4111 1111 \"}}]}\n\n"
            + "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"other\"}},{\"index\":0,\"delta\":{\"content\":\"1111 1111\"}}]}\n\ndata: [DONE]\n\ndata: {\"choi",
            "text/event-stream");

        Assert.Equal("""{"choices[0].delta.content":"Mail [email], [card]","choices[1].delta.content":"other"}""", kept.Text);
    }

    [Fact]
    public void What_a_dialect_streams_by_blocks_is_told_by_block()
    {
        var kept = Of(
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hel\"}}\n\n"
            + "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"lo\"}}\n\n",
            "text/event-stream");

        Assert.Equal("""{"[1].delta.text":"Hello"}""", kept.Text);
    }

    [Theory]
    [InlineData("text/plain", "half of ada@exam", "half of ")]
    [InlineData("application/octet-stream", "abc", null)]
    [InlineData("multipart/form-data", "abc", null)]
    public void Of_a_text_that_was_cut_the_last_word_goes_and_of_what_is_no_text_nothing_is_kept(string type, string body, string? text)
    {
        var kept = BodyRedaction.Of(Encoding.UTF8.GetBytes(body), 1_000, type, isEncoded: false, Rules);

        Assert.Equal(text, kept.Text);
        Assert.NotNull(kept.Why);
        Assert.Equal(1_000, kept.Size);
    }

    [Fact]
    public void Of_what_is_compressed_nothing_is_kept_and_that_is_said()
    {
        var kept = BodyRedaction.Of("{}"u8, 2, "application/json", isEncoded: true, Rules);

        Assert.Equal((null, "it is compressed"), (kept.Text, kept.Why));
        Assert.DoesNotContain("compressed", kept.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sample_and_tenants_choose_whose_are_kept()
    {
        var some = new CompiledBodyLogging(new BodyLogging(["acme"], 10, 7, 1_024, [], [], []));

        Assert.True(some.Takes("acme", 0.09));
        Assert.False(some.Takes("acme", 0.1));
        Assert.False(some.Takes("other", 0));
        Assert.True(Rules.Takes("anybody", 0.999));
    }

    private static Sluice.Grains.Interfaces.CallLog.LoggedBody Of(string body, string type) =>
        BodyRedaction.Of(Encoding.UTF8.GetBytes(body), Encoding.UTF8.GetByteCount(body), type, isEncoded: false, Rules);
}
