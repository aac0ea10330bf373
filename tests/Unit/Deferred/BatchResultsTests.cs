using System.Text;
using Sluice.Edge.Deferred;
using Sluice.Grains.Interfaces.Deferred;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Deferred;

/// <summary>What the answers of a batch have used.</summary>
public sealed class BatchResultsTests
{
    private static readonly Price Tiered = new(TokenRates.Of(1_000_000_000, 2_000_000_000))
    {
        Tiers = [new PriceTier(100, TokenRates.Of(10_000_000_000, 20_000_000_000) with { CachedInput = 5_000_000_000 })],
        Request = 7,
        BatchFactor = 500_000,
        Exchange = new Exchange(100, 108),
    };

    [Fact]
    public void Each_answer_is_priced_by_itself_at_the_batch_rate()
    {
        TokenCounts[] used = [new() { Input = 90, Output = 10 }, new() { Input = 110, Output = 1 }];

        var end = Of(Line(200, """{"usage":{"prompt_tokens":90,"completion_tokens":10}}"""), Line(200, """{"usage":{"input_tokens":110,"output_tokens":1}}"""), "");

        Assert.Equal(new DeferredEnd(UsageSource.Reported, new TokenCounts { Input = 200, Output = 11 }, used.Sum(u => Costs.Of(Tiered, u, 50_000, isBatch: true)), 2, 200, IsBatch: true), end);
    }

    [Theory]
    [InlineData("""{"response":{"status_code":500,"body":{"error":{}}},"error":null}""", 0, 1, UsageSource.Reported)]
    [InlineData("""{"response":null,"error":{"code":"batch_expired"}}""", 0, 0, UsageSource.Reported)]
    [InlineData("""{"response":{"status_code":200,"body":{"choices":[]}}}""", 40, 1, UsageSource.Estimated)]
    [InlineData("""{"response":{"status_code":200,"body":{"usage":{"prompt_tokens":1,"completion_tokens":1}}},"trunc""", 2, 1, UsageSource.Reported)]
    [InlineData("neither", 40, 1, UsageSource.Estimated)]
    public void An_answer_without_usage_counts_as_the_largest_request_and_one_that_was_not_asked_for_as_none(string line, long tokens, long requests, UsageSource source)
    {
        var end = Of(line);

        Assert.Equal((tokens, requests, source), (end.Tokens.Input + end.Tokens.Output, end.Requests, end.Source));
    }

    [Fact]
    public void A_line_that_is_too_long_is_an_answer()
    {
        var results = new BatchResults(Work(0));
        results.Take("{"u8, isTooLong: true);

        var end = results.End();
        Assert.Equal((30, 10, 99, 1), (end.Tokens.Input, end.Tokens.Output, end.Nano, end.Requests));
    }

    [Fact]
    public void An_answer_without_usage_counts_by_its_own_request_where_that_is_shown()
    {
        const string Moderation = """{"custom_id":"c","method":"POST","url":"/v1/moderations","body":{"model":"m","input":"hello hello hello hello"}}""";
        var large = Work(0) with { Largest = new TokenCounts { Input = 1_000 }, LargestNano = long.MaxValue / 8, Price = DeferredPrices.Keep(Tiered, "acme@4", 0) };
        var answer = Line(200, """{"results":[{"flagged":false}]}""");
        var results = new BatchResults(large);
        results.Take(Encoding.UTF8.GetBytes(answer), isTooLong: false);
        results.Take(Encoding.UTF8.GetBytes(answer.Replace("\"c\"", "\"d\"", StringComparison.Ordinal)), isTooLong: false);
        results.Take(Encoding.UTF8.GetBytes(answer.Replace("\"c\"", "\"gone\"", StringComparison.Ordinal)), isTooLong: false);
        results.Take(Encoding.UTF8.GetBytes(Line(200, """{"usage":{"prompt_tokens":5}}""").Replace("\"c\"", "\"told\"", StringComparison.Ordinal)), isTooLong: false);
        Assert.True(results.LacksRequests);

        results.TakeRequest(Encoding.UTF8.GetBytes(Moderation));
        results.TakeRequest(Encoding.UTF8.GetBytes(Moderation));
        results.TakeRequest(Encoding.UTF8.GetBytes(Moderation.Replace("\"c\"", "\"d\"", StringComparison.Ordinal).Replace(" hello\"", " hello hello\"", StringComparison.Ordinal)));
        results.TakeRequest(Encoding.UTF8.GetBytes(Moderation.Replace("\"c\"", "\"told\"", StringComparison.Ordinal)));
        results.TakeRequest("no line"u8);
        Assert.True(results.LacksRequests);
        var end = results.End();

        // What the file does not have counts as the largest; each of the others has a few tokens.
        var own = end.Tokens.Input - 1_000 - 5;
        Assert.InRange(own, 10, 160);
        Assert.Equal((4, UsageSource.Estimated, 0L), (end.Requests, end.Source, end.Tokens.Output));
        Assert.True(end.Nano > long.MaxValue / 8);
    }

    [Fact]
    public void What_an_answer_has_is_bounded_by_its_bytes_and_by_the_largest_request()
    {
        const string Chat = """{"custom_id":"c","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"hello"}]}}""";
        TokenCounts Of(long most)
        {
            var results = new BatchResults(Work(0) with { Largest = new TokenCounts { Input = 500, Output = most } });
            results.Take(Encoding.UTF8.GetBytes(Line(200, """{"choices":[]}""")), isTooLong: false);
            results.TakeRequest(Encoding.UTF8.GetBytes(Chat));
            return results.End().Tokens;
        }

        Assert.Equal(Line(200, """{"choices":[]}""").Length, Of(100_000).Output);
        Assert.Equal(7, Of(7).Output);
        Assert.InRange(Of(7).Input, 1, 120);
    }

    [Fact]
    public void A_price_that_is_kept_is_the_same_when_it_is_opened()
    {
        var kept = DeferredPrices.Keep(Tiered, "acme@4", 50_000);

        Assert.Equal(Tiered, DeferredPrices.Open(kept));
        Assert.Equal(("acme@4", 50_000), (kept.Name, kept.MarkUp));
    }

    private static string Line(int status, string body) => $$"""{"id":"r","custom_id":"c","response":{"status_code":{{status}},"body":{{body}}},"error":null}""";

    private static DeferredWork Work(int markUp) => new(
        "r", "p", "m", "p/m", "k", "", [], 1, default, 3, default, 0, new TokenCounts { Input = 30, Output = 10 }, 99, DeferredPrices.Keep(Tiered, "acme@4", markUp), [], DeferredKind.Batch, 2);

    private static DeferredEnd Of(params string[] lines)
    {
        var results = new BatchResults(Work(50_000));
        foreach (var line in lines)
        {
            results.Take(Encoding.UTF8.GetBytes(line), isTooLong: false);
        }

        return results.End();
    }
}
