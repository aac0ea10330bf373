using System.Text;
using Sluice.Edge.Caching.Models;
using Sluice.Edge.Upstreams;

namespace Sluice.Tests.Unit.Edge.Caching.Models;

/// <summary>Which requests a cache takes for the same.</summary>
public sealed class CanonicalBodyTests
{
    [Theory]
    [InlineData("""{"a":1,"b":[1,{"c":"x","d":null}]}""", """ { "b" : [ 1, {"d":null,"c":"x"} ] , "a":1 }""")]
    [InlineData("""{"a":"é/"}""", """{"a":"\u00e9\/"}""")]
    [InlineData("""{"\u0061":1}""", """{"a":1}""")]
    [InlineData("""{"m":1,"stream":true,"stream_options":{"include_usage":true},"user":"ann","metadata":{"user_id":"u"},"store":false}""", """{"m":1}""")]
    public void What_is_answered_alike_has_one_form(string one, string other) => Assert.Equal(Form(one), Form(other));

    [Theory]
    [InlineData("""{"a":1}""", """{"a":"1"}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[2,1]}""")]
    [InlineData("""{"a":[12]}""", """{"a":[1,2]}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"b"}""")]
    [InlineData("""{"a":"b","c":"d"}""", """{"a":"b\"1\"c1\"d"}""")]
    [InlineData("""{"a":{"b":1},"c":1}""", """{"a":{"b":1,"c":1}}""")]
    [InlineData("""{"a":{"stream":true}}""", """{"a":{"stream":false}}""")]
    [InlineData("""{"a":1,"a":2}""", """{"a":2,"a":1}""")]
    [InlineData("""{"a":null}""", "{}")]
    public void What_may_be_answered_otherwise_has_another(string one, string other) => Assert.NotEqual(Form(one), Form(other));

    [Theory]
    [InlineData("""{"store":true}""", false)]
    [InlineData("{}", true)]
    [InlineData("""{"store":false,"previous_response_id":"r"}""", true)]
    [InlineData("""{"store":false,"conversation":"c"}""", true)]
    [InlineData("""{"store":false,"background":true}""", true)]
    [InlineData("""{"a":"\ud800"}""", false)]
    [InlineData("[1]", false)]
    [InlineData("{", false)]
    public void What_asks_for_more_than_an_answer_or_cannot_be_read_is_not_kept(string body, bool stores) => Assert.Null(Form(body, stores));

    [Fact]
    public void A_provider_that_keeps_answers_unless_it_is_told_not_to_may_be_told_so() => Assert.NotNull(Form("""{"store":false}""", stores: true));

    private static string? Form(string body, bool stores = false)
    {
        using var to = new PooledBytes(256);
        return CanonicalBody.TryWrite(Encoding.UTF8.GetBytes(body), stores, to) ? Encoding.UTF8.GetString(to.Span) : null;
    }
}
