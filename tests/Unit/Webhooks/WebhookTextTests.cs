using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Webhooks;
using Sluice.Grains.Webhooks;
using Sluice.Revisions;

namespace Sluice.Tests.Unit.Webhooks;

/// <summary>What people read of what programs are sent.</summary>
public sealed class WebhookTextTests
{
    private static readonly DateTimeOffset At = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("tokens", 812, 1000, "812 of 1000 tokens since 2030-01-02T03:04:05+00:00")]
    [InlineData("money", 1_500_000_000, 2_000_000_001, "1.50 of 2.00 US dollar since 2030-01-02T03:04:05+00:00")]
    public void A_budget_says_how_much_is_spent(string unit, long spent, long limit, string line)
    {
        var text = WebhookText.Of(WebhookMessage.BodyOf("default", new BudgetNotice(WebhookEvent.BudgetWarning, "daily", "tenant/acme", At, unit, limit, spent, 80, At)));

        Assert.Equal(("Budget daily of tenant/acme has spent 80 %", line), (text.Title, Assert.Single(text.Lines)));
    }

    [Fact]
    public void A_subscription_says_who_decided()
    {
        var text = WebhookText.Of(WebhookMessage.BodyOf("default", new SubscriptionNotice(WebhookEvent.SubscriptionApproved, "acme", "premium", "ada", null, At)));

        Assert.Equal("Subscription of tenant acme to premium is approved", text.Title);
        Assert.Equal(["by ada"], text.Lines);
    }

    [Theory]
    [InlineData("""{"format":"slack","url":"https://x"}""", "url: is a secret with format: slack; name in 'secrets' the one that holds it")]
    [InlineData("""{"format":"slack","secrets":["a","b"]}""", "secrets: must be one Secret with format: slack, whose value is the address")]
    [InlineData("""{"format":"email"}""", "to: is missing")]
    [InlineData("""{"format":"email","to":["Ada <ada@example.com>"]}""", "to[0]: must be an address such as ops@example.com, is 'Ada <ada@example.com>'")]
    [InlineData("""{"format":"email","to":["ada@example.com"],"secrets":["a"]}""", "secrets: has no effect with format: email; leave it out")]
    [InlineData("""{"url":"https://x","secrets":["a"],"to":["ada@example.com"]}""", "to: has an effect with format: email alone; leave it out")]
    public void What_does_not_fit_the_format_is_refused(string fields, string error)
    {
        var read = ResourceReader.Read(System.Text.Encoding.UTF8.GetBytes($$"""{"kind":"Webhook","name":"w","events":["alert.firing"],{{fields[1..]}}"""));

        Assert.Contains($"Webhook/w: {error}", read.Errors.Select(e => $"{e.Path}: {e.Message}"));
    }
}
