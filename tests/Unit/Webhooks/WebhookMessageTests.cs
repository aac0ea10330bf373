using System.Text.Json;
using Sluice.Grains.Interfaces.Webhooks;
using Sluice.Grains.Webhooks;

namespace Sluice.Tests.Unit.Webhooks;

/// <summary>What is sent, and how it is signed.</summary>
public sealed class WebhookMessageTests
{
    private static readonly BudgetNotice Notice = new(
        WebhookEvent.BudgetWarning, "daily", "tenant/acme", new DateTimeOffset(2030, 1, 2, 0, 0, 0, TimeSpan.Zero), "tokens", 1000, 812, 80, new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    [Fact]
    public void A_signature_is_that_of_the_specification_s_own_example()
    {
        var key = WebhookSignature.KeyOf("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

        Assert.Equal(
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            WebhookSignature.Of([key!], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""));
    }

    [Theory]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_")]
    [InlineData("whsec_no base64")]
    [InlineData("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRY=")]
    [InlineData("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0A=")]
    public void What_is_no_key_signs_nothing(string secret) => Assert.Null(WebhookSignature.KeyOf(secret));

    [Fact]
    public void The_id_is_the_same_for_the_same_news_and_another_for_any_other()
    {
        var id = WebhookMessage.IdOf("default", Notice);
        BudgetNotice[] others =
        [
            Notice with { Budget = "monthly" }, Notice with { Subject = "tenant/other" }, Notice with { Window = Notice.Window.AddDays(1) }, Notice with { Share = 90 },
            Notice with { Event = WebhookEvent.BudgetExhausted },
        ];

        Assert.Matches(@"\Amsg_[A-Za-z0-9_-]{27}\z", id);
        Assert.Equal(id, WebhookMessage.IdOf("default", Notice with { Spent = 900, Limit = 2000, At = Notice.At.AddMinutes(5) }));
        Assert.Equal(others.Length + 2, others.Select(o => WebhookMessage.IdOf("default", o)).Append(id).Append(WebhookMessage.IdOf("elsewhere", Notice)).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void The_body_has_type_time_and_data()
    {
        var body = WebhookMessage.BodyOf("default", Notice);

        Assert.Equal(
            """{"type":"budget.warning","timestamp":"2030-01-02T03:04:05+00:00","data":{"workspace":"default","budget":"daily","subject":"tenant/acme","windowStart":"2030-01-02T00:00:00+00:00","unit":"tokens","limit":1000,"spent":812,"sharePercent":80}}""",
            body);
        Assert.False(JsonSerializer.Deserialize<JsonElement>(WebhookMessage.BodyOf("default", Notice with { Share = null })).GetProperty("data").TryGetProperty("sharePercent", out _));
    }

    [Fact]
    public void Every_event_has_a_name_by_which_it_is_found() =>
        Assert.All(Enum.GetValues<WebhookEvent>(), of => Assert.Equal(of, WebhookEvents.Find(WebhookEvents.Name(of))));
}
