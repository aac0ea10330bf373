using System.Text;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Targets;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Targets;

/// <summary>What headers tell of waits, and what a body asks for.</summary>
public sealed class ProviderRatesTests
{
    private static readonly DateTimeOffset Now = new(2027, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("1s", 1_000)]
    [InlineData("6m0s", 360_000)]
    [InlineData("1h2m3.5s", 3_723_500)]
    [InlineData("120ms", 120)]
    [InlineData("12", 12_000)]
    [InlineData("0.5", 500)]
    [InlineData("2027-01-01T12:00:09Z", 9_000)]
    [InlineData("2026-01-01T12:00:09Z", 0)]
    [InlineData("-5", 0)]
    public void Times_are_read_as_providers_write_them(string text, int millis) => Assert.Equal(TimeSpan.FromMilliseconds(millis), ProviderRates.ReadReset(text, Now));

    [Theory]
    [InlineData("""{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}}""", 34.5)]
    [InlineData("""{"error":{"code":503,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2s"}]}}""", 2.0)]
    [InlineData("""{"error":{"code":429,"details":[{"@type":"type.googleapis.com/google.rpc.Help","retryDelay":"2s"}]}}""", null)]
    [InlineData("""{"error":{"code":429,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":7}]}}""", null)]
    [InlineData("""{"error":{"code":429,"details":"later"}}""", null)]
    [InlineData("""{"error":"later"}""", null)]
    [InlineData("[]", null)]
    [InlineData("Too many", null)]
    public void Gemini_tells_a_wait_in_the_body(string body, double? seconds) =>
        Assert.Equal(seconds, DialectTable.Of(ProviderDialect.Gemini).ReadRetryDelay(Encoding.UTF8.GetBytes(body))?.TotalSeconds);

    [Theory]
    [InlineData("soon")]
    [InlineData("5x")]
    [InlineData("NaN")]
    public void What_is_no_time_is_none(string text) => Assert.Null(ProviderRates.ReadReset(text, Now));

    [Theory]
    [InlineData("retry-after", "7", 7_000)]
    [InlineData("retry-after", "0.5", 500)]
    [InlineData("retry-after", "Fri, 01 Jan 2027 12:00:30 GMT", 30_000)]
    [InlineData("retry-after-ms", "250", 250)]
    public void Waits_are_read_as_providers_write_them(string name, string value, int millis) =>
        Assert.Equal(TimeSpan.FromMilliseconds(millis), ProviderRates.RetryAfter(new ToldAnswer(429, (name, value)), Now));

    [Fact]
    public void What_tells_no_wait_tells_none()
    {
        Assert.Null(ProviderRates.RetryAfter(new ToldAnswer(429), Now));
        Assert.Null(ProviderRates.RetryAfter(new ToldAnswer(429, ("retry-after", "later")), Now));
    }

    [Fact]
    public void Of_several_rates_the_tightest_counts()
    {
        var told = ProviderRates.Read(
            new ToldAnswer(
                200,
                ("x-ratelimit-limit-requests", "100"), ("x-ratelimit-remaining-requests", "90"), ("x-ratelimit-reset-requests", "1s"),
                ("x-ratelimit-limit-tokens", "1000"), ("x-ratelimit-remaining-tokens", "200"), ("x-ratelimit-reset-tokens", "6m0s")),
            Now);
        Assert.Equal((0.2, TimeSpan.FromMinutes(6)), told);
        Assert.Null(ProviderRates.Read(new ToldAnswer(200, ("x-ratelimit-limit-requests", "0"), ("x-ratelimit-remaining-requests", "0")), Now));
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"Hello"}]}""", ModelFeatures.None)]
    [InlineData("""{"tools":[{"type":"function"}],"messages":[]}""", ModelFeatures.Tools)]
    [InlineData("""{"tools":[],"messages":[]}""", ModelFeatures.None)]
    [InlineData("""{"functions":[{"name":"f"}]}""", ModelFeatures.Tools)]
    [InlineData("""{"response_format":{"type":"json_schema","json_schema":{}}}""", ModelFeatures.JsonSchema)]
    [InlineData("""{"output_config":{"format":{"type":"json_schema"}}}""", ModelFeatures.JsonSchema)]
    [InlineData("""{"text":{"format":{"type":"json_schema"}}}""", ModelFeatures.JsonSchema)]
    [InlineData("""{"generationConfig":{"responseSchema":{}}}""", ModelFeatures.JsonSchema)]
    [InlineData("""{"messages":[{"type":"json_schema","tools":[1],"responseSchema":1}]}""", ModelFeatures.None)]
    public void What_a_body_asks_for_is_seen_in_every_dialect(string body, ModelFeatures features) =>
        Assert.Equal(features, AskedFeatures.Read(Encoding.UTF8.GetBytes(body), images: 0).Features);

    [Fact]
    public void Images_count_apart_from_texts()
    {
        var body = $$"""{"messages":[{"role":"user","content":"{{new string('a', 300)}}"},{"url":"data:image/png;base64,{{new string('A', 9_000)}}"}]}""";
        var asked = AskedFeatures.Read(Encoding.UTF8.GetBytes(body), images: 1);
        Assert.Equal(ModelFeatures.Vision, asked.Features);
        Assert.InRange(asked.Tokens, 100, 110);
    }
}
