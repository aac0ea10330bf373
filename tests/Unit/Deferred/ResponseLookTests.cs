using System.Text;
using Sluice.Edge.Deferred;
using Sluice.Grains.Interfaces.Deferred;
using Sluice.Grains.Interfaces.Usage;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Deferred;

/// <summary>How a response that comes later has ended.</summary>
public sealed class ResponseLookTests
{
    private static readonly Price Price = new(TokenRates.Of(1_000_000_000, 2_000_000_000)) { BatchFactor = 500_000 };

    private static readonly DeferredWork Work = new(
        "r", "p", "m", "p/m", "k", "", [], 1, default, 1, new TokenCounts { Input = 30 }, 99, default, 99, DeferredPrices.Keep(Price, "acme@4", 50_000), [], DeferredKind.Response, 11);

    [Theory]
    [InlineData("queued")]
    [InlineData("in_progress")]
    [InlineData("something new")]
    public void One_that_is_worked_at_has_not_ended(string status) => Assert.Null(EndOf($$"""{"id":"resp_1","status":"{{status}}","usage":null}"""));

    [Theory]
    [InlineData("", false)]
    [InlineData(",\"service_tier\":\"flex\"", true)]
    public void One_that_tells_its_usage_is_charged_by_it_at_the_rate_at_which_it_was_served(string more, bool isBatch)
    {
        var used = new TokenCounts { Input = 7, Output = 3 };

        var end = EndOf($$$"""{"id":"resp_1","status":"incomplete","usage":{"input_tokens":7,"output_tokens":3}{{{more}}}}""");

        Assert.Equal(new DeferredEnd(UsageSource.Reported, used, Costs.Of(Price, used, 50_000, isBatch), 1, 200, isBatch), end);
    }

    [Theory]
    [InlineData("failed", UsageSource.None)]
    [InlineData("cancelled", UsageSource.Reserved)]
    [InlineData("completed", UsageSource.Reserved)]
    public void One_without_usage_costs_nothing_where_it_failed_and_else_all_that_was_held(string status, UsageSource source) =>
        Assert.Equal(source, EndOf($$"""{"id":"resp_1","status":"{{status}}","error":null,"usage":null}""")!.Source);

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"status":"\ud800"}""")]
    public void What_is_no_response_has_not_ended(string json) => Assert.Null(EndOf(json));

    private static DeferredEnd? EndOf(string json) => ResponseLook.EndOf(Work, Encoding.UTF8.GetBytes(json));
}
