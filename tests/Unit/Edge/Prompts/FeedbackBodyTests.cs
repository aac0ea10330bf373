using System.Text;
using Sluice.Edge.Prompts;

namespace Sluice.Tests.Unit.Edge.Prompts;

public sealed class FeedbackBodyTests
{
    [Theory]
    [InlineData("""{"request_id":"req_1","score":0.5}""", 0.5, "score", "")]
    [InlineData("""{"request_id":"req_1","score":1,"name":"clarity.v2","comment":"good"}""", 1, "clarity.v2", "good")]
    [InlineData("""{"request_id":"req_1","score":0,"comment":null}""", 0, "score", "")]
    public void A_score_is_read(string json, double score, string name, string comment) =>
        Assert.Equal(new FeedbackBody("req_1", name, score, comment), FeedbackBody.Read(Encoding.UTF8.GetBytes(json), out _));

    [Theory]
    [InlineData("[]", null)]
    [InlineData("", null)]
    [InlineData("""{"request_id":"a","request_id":"b","score":1}""", null)]
    [InlineData("""{"score":1}""", "request_id")]
    [InlineData("""{"request_id":7,"score":1}""", "request_id")]
    [InlineData("""{"request_id":"a"}""", "score")]
    [InlineData("""{"request_id":"a","score":1.01}""", "score")]
    [InlineData("""{"request_id":"a","score":-0.1}""", "score")]
    [InlineData("""{"request_id":"a","score":"1"}""", "score")]
    [InlineData("""{"request_id":"a","score":1e999}""", "score")]
    [InlineData("""{"request_id":"a","score":1,"name":""}""", "name")]
    [InlineData("""{"request_id":"a","score":1,"name":"a b"}""", "name")]
    [InlineData("""{"request_id":"a","score":1,"name":null}""", "name")]
    [InlineData("""{"request_id":"a","score":1,"comment":{}}""", "comment")]
    [InlineData("""{"request_id":"a","score":1,"scores":1}""", "scores")]
    public void What_is_wrong_is_told_by_its_field(string json, string? field)
    {
        Assert.Null(FeedbackBody.Read(Encoding.UTF8.GetBytes(json), out var error));
        Assert.Equal((400, field), (error!.Status, error.Param));
    }

    [Fact]
    public void A_comment_is_bounded()
    {
        Assert.NotNull(FeedbackBody.Read(With(1_000), out _));
        Assert.Null(FeedbackBody.Read(With(1_001), out var error));
        Assert.Equal("comment", error!.Param);

        static byte[] With(int length) => Encoding.UTF8.GetBytes($$"""{"request_id":"a","score":1,"comment":"{{new string('ä', length)}}"}""");
    }
}
